"""The workbook people work in: its parts as text, and what builds KAM_Template.xlsm from them."""
