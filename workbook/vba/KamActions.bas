Attribute VB_Name = "KamActions"
Option Explicit
' One Sub for each action: the ribbon and the buttons on the sheets start it, Python does it.

Public Sub KamXl_ScoreAll()
    KamRun "score_all"
    KamCalculate
End Sub

Public Sub KamXl_Audit()
    KamRun "audit"
End Sub

Public Sub KamXl_Explain()
    KamRun "explain"
End Sub

Public Sub KamXl_Scan()
    KamRun "scan"
End Sub

Public Sub KamXl_RiskList()
    KamRun "risk_list"
End Sub

Public Sub KamXl_Check()
    KamRun "check"
End Sub

Public Sub KamXl_Strategies()
    KamRun "strategies"
End Sub

Public Sub KamXl_DueWeek()
    KamRun "due_week"
End Sub

Public Sub KamXl_Budget()
    KamRun "budget"
End Sub

Public Sub KamXl_Validate()
    KamRun "validate"
End Sub

Public Sub KamXl_HandIn()
    KamRun "hand_in"
End Sub

Public Sub KamXl_LastNight()
    KamRun "last_night"
End Sub

Public Sub KamXl_Refresh()
    KamRun "refresh"
    KamCalculate
End Sub

Public Sub KamXl_Language()
    KamRun "language"
    KamRedraw
    KamDescribe
    KamCalculate
End Sub

Public Sub KamXl_Guide()
    KamRun "guide"
End Sub

Public Sub KamXl_Doctor()
    KamRun "doctor"
End Sub

Public Sub KamXl_About()
    KamRun "about"
End Sub

Public Sub KamXl_ClearSamples()
    KamRun "clear_samples"
End Sub

' Python writes the sentence about what it did to kam_message; one that begins with a triangle tells a failure.
Private Sub KamRun(action As String)
    Dim before As Variant, sentence As String
    On Error GoTo failed
    KamSay ""
    before = KamHold()
    RunPython "import udfs; udfs.run('" & action & "')"
    KamRelease before
    sentence = KamMessage()
    If sentence = "" Then
        KamFail KamText("message.no_python")    ' xlwings has shown why
    ElseIf AscW(sentence) = &H25B2 Then
        KamShow sentence
    Else
        KamFrame
    End If
    Exit Sub
failed:
    sentence = KamText("message.no_python") & " (" & Err.Description & ")"
    KamRelease before
    KamFail sentence
End Sub

Private Function KamMessage() As String
    On Error Resume Next
    KamMessage = CStr(Application.StatusBar)
    KamMessage = CStr(ThisWorkbook.Names("kam_message").RefersToRange.Value)
End Function

Private Sub KamSay(sentence As String)
    On Error Resume Next    ' a workbook without the cell still has the status bar
    ThisWorkbook.Names("kam_message").RefersToRange.Value = sentence
End Sub

Public Sub KamFail(sentence As String)
    On Error Resume Next
    KamSay ChrW(&H25B2) & " " & sentence
    Application.StatusBar = sentence
    KamShow ChrW(&H25B2) & " " & sentence
End Sub

' Only failures interrupt. The box knows the characters of the machine's own code page; the cell kam_message knows all.
Private Sub KamShow(sentence As String)
    On Error Resume Next
    If Not KamInLibreOffice() Then MsgBox sentence, vbExclamation, "KAM XL"
End Sub

' Starts Python while the user is still looking at the workbook, so that the first cell need not wait for it.
Public Sub KamWarmUp()
    On Error Resume Next
    KamCall "KAM_VERSION", Array()
End Sub
