"""A made-up portfolio: the workbooks of eight teams, with the dirt that real ones hold."""

from kam_xl.demo.teams import TODAY, make

__all__ = ["TODAY", "make"]
