"""What people read: an assessment becomes the master workbook and the HTML risk summary."""
