"""Where people and other programs come in: the command line and the worksheet functions."""
