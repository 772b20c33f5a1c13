Attribute VB_Name = "KamFunctions"
Option Explicit
Option Private Module
' The way from a cell to Python and back; private, so that no helper shows among the cell functions.

Private server As Object    ' finding Python means reading the configuration a dozen times: once is enough

' What udfs.py answers for the function of that name. Where Python has gone away, it is looked for once more.
Public Function KamCall(name As String, arguments As Variant) As Variant
    Dim again As Boolean
    On Error GoTo failed
retry:
    If server Is Nothing Then Set server = XLPy()
    KamCall = KamOut(server.CallUDF("udfs", (name), (arguments)))    ' in brackets: copies, for another process
    Exit Function
failed:
    Set server = Nothing
    If Not again Then
        again = True
        Resume retry
    End If
    KamCall = CVErr(2015)
End Function

' What a formula refers to, as values: a range would cost Python a dozen questions to Excel.
Public Function KamVal(x As Variant) As Variant
    Dim area As Object, values As Variant
    If TypeName(x) = "Range" Then
        Set area = x    ' LibreOffice answers x.Value with nothing where x might be a number
        If area.Rows.Count >= 65536 Then    ' while a file is loaded, LibreOffice knows no Parent
            If area.Rows.Count = area.Parent.Rows.Count Then Set area = KamUsed(area)
        End If
        values = area.Value
        If KamInLibreOffice() Then KamReadErrors area, values
        KamVal = values
    Else
        KamVal = x
    End If
End Function

' Whole columns down to the last row that the sheet uses: a million blank cells would have to be copied.
Private Function KamUsed(area As Object) As Object
    Dim used As Object
    Set used = area.Parent.UsedRange
    Set KamUsed = area.Resize(used.Row + used.Rows.Count - 1)
End Function

' LibreOffice reads a cell that shows an error as 0: here its text takes the place of the zero.
Private Sub KamReadErrors(area As Object, values As Variant)
    Dim errors As Object, cell As Object
    If Not IsArray(values) Then
        If CStr(values) <> "0" Then Exit Sub
    End If
    Set errors = area.CellRange.queryFormulaCells(4).Cells.createEnumeration()    ' 4: formulas that give an error
    Do While errors.hasMoreElements()
        Set cell = errors.nextElement()
        If IsArray(values) Then
            values(cell.CellAddress.Row - area.Row + 2, cell.CellAddress.Column - area.Column + 2) = cell.String
        Else
            values = cell.String
        End If
    Loop
End Sub

' Where a cell is and what it says: book, sheet, address, formula; Empty for a value that is in no cell.
Public Function KamPlace(x As Variant) As Variant
    Dim area As Object
    If TypeName(x) = "Range" Then
        Set area = x
        KamPlace = Array(area.Parent.Parent.Name, area.Parent.Name, area.Address, area.Cells(1, 1).Formula)
    End If
End Function

' The language of this workbook, zh-CN or en.
Public Function KamLang() As String
    KamLang = "zh-CN"
    On Error Resume Next    ' a workbook without the name speaks Chinese
    KamLang = ThisWorkbook.Names("kam_lang").RefersToRange.Value
End Function

' An answer as a cell takes it: "#!2042:reason" becomes the error #N/A, in every cell of an array too. In LibreOffice,
' where CVErr shows as a text, whoever answers has seen to the errors.
Public Function KamOut(ByVal answer As Variant) As Variant
    Dim row As Long, column As Long
    If KamInLibreOffice() Then
        KamOut = answer
        Exit Function
    End If
    If Not IsArray(answer) Then
        If KamIsError(answer) Then answer = KamError(answer)
    ElseIf KamIsFlat(answer) Then
        For column = LBound(answer) To UBound(answer)
            If KamIsError(answer(column)) Then answer(column) = KamError(answer(column))
        Next
    Else
        For row = LBound(answer, 1) To UBound(answer, 1)
            For column = LBound(answer, 2) To UBound(answer, 2)
                If KamIsError(answer(row, column)) Then answer(row, column) = KamError(answer(row, column))
            Next
        Next
    End If
    KamOut = answer
End Function

Private Function KamIsError(x As Variant) As Boolean
    If VarType(x) = vbString Then KamIsError = (Left(x, 2) = "#!")
End Function

Private Function KamError(x As Variant) As Variant
    KamError = CVErr(CLng(Mid(x, 3, 4)))
End Function

Private Function KamIsFlat(answer As Variant) As Boolean
    Dim last As Long
    On Error GoTo flat
    last = UBound(answer, 2)
    Exit Function
flat:
    KamIsFlat = True
End Function
