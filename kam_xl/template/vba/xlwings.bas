Attribute VB_Name = "xlwings"
Option Explicit
' Stands where the module of the installed xlwings package will stand: "python -m kam_xl install" exchanges them.

Private Const NOT_INSTALLED As Long = 1001
Private Const REMEDY As String = "KAM XL is not installed on this computer: run  python -m kam_xl install"

Public Function XLPy() As Object
    Err.Raise NOT_INSTALLED, "KAM XL", REMEDY
End Function

Public Function RunPython(command As String)
    Err.Raise NOT_INSTALLED, "KAM XL", REMEDY
End Function
