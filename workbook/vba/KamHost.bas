Attribute VB_Name = "KamHost"
Option Private Module
' What differs between Excel and LibreOffice. Not explicit, since ThisComponent, the workbook itself, is a name that only
' LibreOffice knows; Excel never comes to the lines where it stands.

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

' Title and header of a result sheet stay in view; xlwings has no word for that.
Public Sub KamFrame()
    Const HEADER_ROW As Long = 4
    Dim title As String, view As Object
    On Error Resume Next
    If KamInLibreOffice() Then
        Set view = ThisComponent.CurrentController
        title = view.ActiveSheet.getCellRangeByName("A1").String
        If Right(title, 6) = "KAM XL" And Not view.hasFrozenPanes() Then view.freezeAtPosition 0, HEADER_ROW
    Else
        title = CStr(ActiveSheet.Range("A1").Value)
        If Right(title, 6) <> "KAM XL" Or ActiveWindow.FreezePanes Then Exit Sub
        ActiveWindow.SplitColumn = 0
        ActiveWindow.SplitRow = HEADER_ROW
        ActiveWindow.FreezePanes = True
    End If
End Sub
