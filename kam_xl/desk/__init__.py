"""KAM XL on a person's desk: put there, looked over, kept current and taken away again.

`machine` is all that these modules know of the computer; every other module works on any machine record, so that what
Windows and macOS would do can be tried on any system.
"""
