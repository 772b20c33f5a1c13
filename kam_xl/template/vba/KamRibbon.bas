Attribute VB_Name = "KamRibbon"
Option Explicit
' What the ribbon asks for: its texts out of sheet _i18n in the workbook's language, and the action behind a button.
' An error that escapes a callback would cost the ribbon its memory, so every one is trapped.

Private ribbonShown As Object

Public Sub KamXl_OnLoad(ribbon As Object)
    On Error Resume Next
    Set ribbonShown = ribbon
End Sub

Public Sub KamXl_GetLabel(control As Object, ByRef returnedVal)
    On Error Resume Next
    returnedVal = control.ID
    returnedVal = KamText("ribbon." & control.ID & ".label")
End Sub

Public Sub KamXl_GetScreentip(control As Object, ByRef returnedVal)
    On Error Resume Next
    returnedVal = control.ID
    returnedVal = KamText("ribbon." & control.ID & ".screentip")
End Sub

Public Sub KamXl_GetSupertip(control As Object, ByRef returnedVal)
    On Error Resume Next
    returnedVal = ""
    returnedVal = KamText("ribbon." & control.ID & ".supertip")
End Sub

' Where two copies are open, Excel may call either one's callback: the action belongs to the book in front.
Public Sub KamXl_OnAction(control As Object)
    On Error GoTo failed
    Application.Run KamMacro(KamBookInFront().Name, control.ID)
    Exit Sub
failed:
    KamFail Err.Description
End Sub

Public Sub KamRedraw()
    On Error Resume Next
    KamReadTexts
    If Not ribbonShown Is Nothing Then ribbonShown.Invalidate
End Sub

Private Function KamBookInFront() As Object
    Dim there As String
    On Error Resume Next
    there = ActiveWorkbook.Names("kam_workbook_id").Name
    If there = "" Then
        Set KamBookInFront = ThisWorkbook
    Else
        Set KamBookInFront = ActiveWorkbook
    End If
End Function
