"""What a column is to people: its words, its kind, its look, in every workbook and on every page."""
