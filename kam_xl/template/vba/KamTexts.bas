Attribute VB_Name = "KamTexts"
Option Explicit
Option Private Module
' Texts out of sheet _i18n in the workbook's language; private, so that no helper shows among the cell functions.

Private texts As Variant    ' the cells of _i18n: a header row with the languages, then one row a text

Public Sub KamReadTexts()
    On Error Resume Next
    texts = ThisWorkbook.Names("kam_i18n").RefersToRange.Value
End Sub

' The text of a key in the workbook's language; the key itself where there is none.
Public Function KamText(key As String) As String
    Dim row As Long
    On Error GoTo missing
    If IsEmpty(texts) Then KamReadTexts
    For row = LBound(texts, 1) To UBound(texts, 1)
        If texts(row, 1) = key Then
            KamText = texts(row, KamTextColumn())
            Exit Function
        End If
    Next
missing:
    KamText = key
End Function

Private Function KamTextColumn() As Long
    Dim column As Long
    KamTextColumn = 2
    For column = 2 To UBound(texts, 2)
        If texts(LBound(texts, 1), column) = KamLang() Then KamTextColumn = column
    Next
End Function

' The function wizard's texts, from _i18n: functions.KAM_SCORE.description, then one text for each argument.
Public Sub KamDescribe()
    Dim row As Long, parts As Variant
    On Error GoTo stopped    ' a wizard without texts is no reason to bother anybody
    If KamInLibreOffice() Then Exit Sub
    KamReadTexts
    For row = LBound(texts, 1) To UBound(texts, 1)
        parts = Split(texts(row, 1), ".")
        If UBound(parts) = 2 Then
            If parts(0) = "functions" And parts(2) = "description" Then KamDescribeOne CStr(parts(1)), row
        End If
    Next
stopped:
End Sub

Private Sub KamDescribeOne(name As String, described As Long)
    Dim row As Long, count As Long, arguments() As String, macro As String
    On Error Resume Next    ' one function without a text must not cost the others theirs
    macro = KamMacro(ThisWorkbook.Name, name)
    For row = described + 1 To UBound(texts, 1)
        If InStr(texts(row, 1), "functions." & name & ".") <> 1 Then Exit For
        If InStr(texts(row, 1), "functions." & name & ".arguments.") = 1 Then
            ReDim Preserve arguments(count)
            arguments(count) = KamShort(row)
            count = count + 1
        End If
    Next
    If count = 0 Then
        Application.MacroOptions Macro:=macro, Description:=KamShort(described), Category:="KAM XL"
    Else
        Application.MacroOptions Macro:=macro, Description:=KamShort(described), Category:="KAM XL", ArgumentDescriptions:=arguments
    End If
End Sub

' The wizard cuts texts at 255 characters and refuses longer ones in some versions.
Private Function KamShort(row As Long) As String
    KamShort = Left(texts(row, KamTextColumn()), 255)
End Function
