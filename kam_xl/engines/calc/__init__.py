"""An engine for xlwings on LibreOffice Calc, over UNO."""
