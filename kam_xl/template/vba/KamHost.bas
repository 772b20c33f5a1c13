Attribute VB_Name = "KamHost"
Option Private Module
' What differs between Excel and LibreOffice. Not explicit, since ThisComponent, the workbook itself, is a name that only
' LibreOffice knows; Excel never comes to the lines where it stands.

Private visited As String    ' the sheets that were in front before this one, the latest first

Public Function KamInLibreOffice() As Boolean
    KamInLibreOffice = (Application.Version = "11.0")    ' what LibreOffice calls itself
End Function

' A macro of one workbook as Application.Run wants it; LibreOffice knows only those of the workbook that asks.
Public Function KamMacro(book As String, macro As String) As String
    If KamInLibreOffice() Then
        KamMacro = macro
    Else
        KamMacro = "'" & Replace(book, "'", "''") & "'!" & macro
    End If
End Function

' A sheet is left for another one. LibreOffice does not tell; there Python itself looks on.
Public Sub KamLeft(name As String)
    visited = Left(name & vbLf & visited, 400)
End Sub

' Where Python reads which sheet its user came from.
Public Sub KamNoteVisited()
    On Error Resume Next    ' an older workbook has no such cell
    If Not KamInLibreOffice() Then ThisWorkbook.Names("kam_visited").RefersToRange.Value = visited
End Sub

' The file that its user picks stands in kam_list, where Python reads it. Nobody is asked where a list is shown already: no
' other result has anything in its third row; nor where one stands there.
Public Sub KamPick(title As String)
    Dim cell As Object, picked As Variant
    On Error Resume Next    ' an older workbook has no such cell, and Python says so
    Set cell = ThisWorkbook.Names("kam_list").RefersToRange.Cells(1, 1)
    If cell.Text <> "" Or KamShowsList() Then Exit Sub
    If KamInLibreOffice() Then
        picked = KamPickInLibreOffice(title)
    Else
        picked = Application.GetOpenFilename(, , title)    ' False: nothing picked
    End If
    If VarType(picked) = vbString Then cell.Value = picked
End Sub

Private Function KamShowsList() As Boolean
    Dim sheet As Object
    On Error Resume Next
    If KamInLibreOffice() Then
        Set sheet = ThisComponent.CurrentController.ActiveSheet
        KamShowsList = Right(sheet.getCellRangeByName("A1").String, 6) = "KAM XL" And sheet.getCellRangeByName("B3").String <> ""
    Else
        KamShowsList = Right(CStr(ActiveSheet.Range("A1").Value), 6) = "KAM XL" And CStr(ActiveSheet.Range("B3").Value) <> ""
    End If
End Function

Private Function KamPickInLibreOffice(title As String) As Variant
    Dim dialog As Object, files As Variant
    KamPickInLibreOffice = False
    Set dialog = CreateUnoService("com.sun.star.ui.dialogs.FilePicker")
    dialog.setTitle title
    If dialog.execute() <> 1 Then Exit Function
    files = dialog.getSelectedFiles()
    KamPickInLibreOffice = ConvertFromURL(files(0))
End Function

' Calculation waits while Python writes: a cell would ask the same Python, and LibreOffice does not survive that.
Public Function KamHold() As Variant
    If KamInLibreOffice() Then
        KamHold = ThisComponent.isAutomaticCalculationEnabled()
        If KamHold Then ThisComponent.calculate    ' it leaves cells for when somebody looks at them
        ThisComponent.enableAutomaticCalculation False
    Else
        KamHold = Application.Calculation
        Application.Calculation = xlCalculationManual
    End If
End Function

' Calculation goes on as KamHold found it.
Public Sub KamRelease(before As Variant)
    On Error Resume Next
    If IsEmpty(before) Then Exit Sub
    If KamInLibreOffice() Then
        ThisComponent.enableAutomaticCalculation before
    Else
        Application.Calculation = before
    End If
End Sub

' Saves the workbook where it lies, calculating as its user has it; False where that fails. One that lies nowhere yet is
' left to Python, which says so.
Public Function KamSave() As Boolean
    On Error GoTo failed
    If KamInLibreOffice() Then
        ThisComponent.calculate    ' it leaves cells for when somebody looks at them
        If ThisComponent.hasLocation() Then ThisComponent.store
    ElseIf ThisWorkbook.Path <> "" Then
        If ThisWorkbook.ReadOnly Then Exit Function    ' Excel would ask for another name
        ThisWorkbook.Save
    End If
    KamSave = True
failed:
End Function

' Cells that Python has answered before, or could not answer, ask again; other open workbooks are left in peace.
Public Sub KamCalculate()
    Dim sheet As Object
    On Error Resume Next
    If KamInLibreOffice() Then
        ThisComponent.calculateAll
    Else
        For Each sheet In ThisWorkbook.Worksheets
            sheet.UsedRange.Dirty
        Next
        Application.Calculate
    End If
End Sub

' The captions of the buttons on the sheets: each is the text of a cell, which LibreOffice knows only when it opens a file.
Public Sub KamCaption()
    Dim sheet As Object, page As Object, shape As Object, number As Long
    On Error Resume Next
    If Not KamInLibreOffice() Then Exit Sub
    For Each sheet In ThisComponent.Sheets
        Set page = sheet.DrawPage
        For number = 0 To page.Count - 1
            Set shape = page.getByIndex(number)
            If Left(shape.Name, 6) = "KamXl_" Then shape.String = KamText("ribbon." & shape.Name & ".label")
        Next
    Next
End Sub

' Title and header of a result sheet stay in view, and it prints one page wide; xlwings has no word for either.
Public Sub KamFrame()
    Dim title As String, last As Long, view As Object
    On Error Resume Next
    If KamInLibreOffice() Then
        Set view = ThisComponent.CurrentController
        title = view.ActiveSheet.getCellRangeByName("A1").String
        If Right(title, 6) <> "KAM XL" Or view.hasFrozenPanes() Then Exit Sub
        last = KamLastInView(view.ActiveSheet.getCellRangeByName("B4").String)
        view.freezeAtPosition 0, last
        KamPageInLibreOffice view.ActiveSheet, last
    Else
        title = CStr(ActiveSheet.Range("A1").Value)
        If Right(title, 6) <> "KAM XL" Or ActiveWindow.FreezePanes Then Exit Sub
        ActiveWindow.ScrollRow = 1    ' Excel freezes what is in view
        ActiveWindow.ScrollColumn = 1
        ActiveWindow.SplitColumn = 0
        last = KamLastInView(CStr(ActiveSheet.Range("B4").Value))
        ActiveWindow.SplitRow = last
        ActiveWindow.FreezePanes = True
        KamPageInExcel ActiveSheet.PageSetup, last
    End If
End Sub

' The header stands in row 4; of a sheet with several tables, where row 4 is a heading, the sentence in row 2 stays.
Private Function KamLastInView(second As String) As Long
    KamLastInView = IIf(second = "", 2, 4)
End Function

Private Sub KamPageInExcel(page As Object, repeated As Long)
    On Error Resume Next    ' without a printer Excel knows no pages
    page.PaperSize = xlPaperA4
    page.Orientation = xlLandscape
    page.Zoom = False
    page.FitToPagesWide = 1
    page.FitToPagesTall = False
    page.PrintTitleRows = "$" & repeated & ":$" & repeated
    page.RightFooter = "&8&P / &N"
End Sub

' All new sheets share one style of page, which is also that of sheets that are not ours.
Private Sub KamPageInLibreOffice(sheet As Object, repeated As Long)
    Const STYLE As String = "KAM XL"
    Dim styles As Object, page As Object, rows As Object
    On Error Resume Next
    Set styles = ThisComponent.StyleFamilies.getByName("PageStyles")
    If Not styles.hasByName(STYLE) Then
        Set page = ThisComponent.createInstance("com.sun.star.style.PageStyle")
        styles.insertByName STYLE, page
        page.IsLandscape = True
        page.Width = 29700    ' A4, in hundredths of a millimetre
        page.Height = 21000
        page.ScaleToPagesX = 1
        page.ScaleToPagesY = 0
        page.HeaderIsOn = False
    End If
    sheet.PageStyle = STYLE
    Set rows = sheet.getCellRangeByName("A" & repeated).RangeAddress
    sheet.setTitleRows rows
    sheet.setPrintTitleRows True
End Sub
