"""The worksheet functions under the name by which workbooks know them; they stand in `kam_xl.doors.udfs`."""

from kam_xl.doors.udfs import *  # noqa: F403 (xlwings looks for them here)
