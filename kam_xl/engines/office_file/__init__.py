"""Files of Office written and read part by part: compound files, VBA projects, Open XML packages."""
