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

Public Sub KamXl_Repairs()
    KamRun "repairs"
End Sub

Public Sub KamXl_Health()
    KamRun "health"
End Sub

Public Sub KamXl_Service()
    KamRun "service"
End Sub

Public Sub KamXl_Relationships()
    KamRun "relationships"
End Sub

Public Sub KamXl_Whitespace()
    KamRun "whitespace"
End Sub

Public Sub KamXl_AccountPlan()
    KamRun "account_plan"
End Sub

Public Sub KamXl_Strategies()
    KamRun "strategies"
End Sub

Public Sub KamXl_DueWeek()
    KamRun "due_week"
End Sub

Public Sub KamXl_ActionList()
    KamRun "action_list"
End Sub

Public Sub KamXl_Budget()
    KamRun "budget"
End Sub

Public Sub KamXl_Validate()
    KamRun "validate"
End Sub

' The workbook is saved here and not by Python: while Python runs, calculation is held, which Excel would write into the
' file, and saving calculates cells, which would ask that same Python.
Public Sub KamXl_HandIn()
    KamSay ""
    KamProgress KamText("message.saving")
    KamIdentify
    If KamSave() Then
        KamRun "hand_in"
    Else
        KamFail Replace(KamText("message.cannot_save"), "{file}", ThisWorkbook.Name)
    End If
End Sub

Public Sub KamXl_LastNight()
    KamRun "last_night"
End Sub

Public Sub KamXl_Changes()
    KamRun "changes"
End Sub

Public Sub KamXl_Measures()
    KamRun "measures"
End Sub

' With a list shown on the sheet in front that one is adopted; else its user picks one, and Python shows it.
Public Sub KamXl_Adopt()
    KamPick KamText("message.pick_list")
    KamRun "adopt"
End Sub

Public Sub KamXl_Refresh()
    KamRun "refresh"
    KamCalculate
End Sub

Public Sub KamXl_Language()
    KamRun "language"
    KamRedraw
    KamCaption
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
    Dim before As Variant, sentence As String, reason As String
    On Error GoTo failed
    KamSay ""
    KamNoteVisited
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
    reason = Err.Description    ' the next call forgets it
    sentence = KamText("message.no_python") & " (" & reason & ")"
    KamRelease before
    KamFail sentence
End Sub

Private Function KamMessage() As String
    Dim shown As Variant
    On Error Resume Next
    shown = Application.StatusBar
    If VarType(shown) = vbString Then KamMessage = shown    ' False: nobody has said anything
    KamMessage = CStr(ThisWorkbook.Names("kam_message").RefersToRange.Value)
End Function

Private Sub KamSay(sentence As String)
    On Error Resume Next    ' a workbook without the cell still has the status bar
    KamProgress IIf(sentence = "", False, sentence)
    ThisWorkbook.Names("kam_message").RefersToRange.Value = sentence
End Sub

Private Sub KamProgress(shown As Variant)
    On Error Resume Next
    Application.StatusBar = shown
End Sub

Public Sub KamFail(sentence As String)
    On Error Resume Next
    KamSay ChrW(&H25B2) & " " & sentence
    KamShow ChrW(&H25B2) & " " & sentence
End Sub

' Only failures interrupt. The box knows the characters of the machine's own code page; the cell kam_message knows all.
Private Sub KamShow(sentence As String)
    On Error Resume Next
    If Not KamInLibreOffice() Then MsgBox sentence, vbExclamation, "KAM XL"
End Sub

' A workbook gets its own ID the first time it is handed in; by it the team folder knows it again.
Private Sub KamIdentify()
    Dim cell As Object
    On Error Resume Next    ' Python says what is wrong with a workbook that has no ID
    Set cell = ThisWorkbook.Names("kam_workbook_id").RefersToRange.Cells(1, 1)
    If Trim(cell.Text) <> "" Then Exit Sub
    Randomize
    cell.Value = "KAM-" & Format(Now, "yyyymmdd-hhmmss") & "-" & KamRandom() & KamRandom()
End Sub

Private Function KamRandom() As String
    KamRandom = Right("00000" & Hex(Int(Rnd * 1048576)), 5)
End Function

' Starts Python while the user is still looking at the workbook, so that the first cell need not wait for it.
Public Sub KamWarmUp()
    On Error Resume Next
    KamCall "KAM_VERSION", Array()
End Sub
