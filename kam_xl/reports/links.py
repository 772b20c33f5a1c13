"""How one page of a night leads to another: by ways that last when the whole folder is moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from markupsafe import Markup

from kam_xl.reports.run import CALENDARS, MANAGERS, PLANS, TEAMS

_LINK = Markup('<a href="{}">{}</a>')


@dataclass(frozen=True)
class Links:
    """The files of a night by whose they are; ``up`` leads from the page that asks to the output folder."""

    managers: Mapping[str, str]
    calendars: Mapping[str, str]
    plans: Mapping[str, str]
    teams: Mapping[str, str]
    up: str = ""

    def below(self) -> Links:
        """The same as seen from a folder of the output folder."""
        return replace(self, up="../")

    def link(self, file: str, text: object, anchor: str = "") -> Markup:
        """A text that leads to a file below the output folder."""
        return _LINK.format(self.up + quote(file) + (f"#{anchor}" if anchor else ""), text)

    def manager(self, person: str, text: object, anchor: str = "") -> object:
        """A text that leads to a person's page where there is one."""
        return self.link(f"{MANAGERS}/{self.managers[person]}", text, anchor) if person in self.managers else text

    def calendar(self, person: str, text: object) -> object:
        """A text that leads to a person's calendar where there is one."""
        return self.link(f"{CALENDARS}/{self.calendars[person]}", text) if person in self.calendars else text

    def customer(self, customer_id: str, text: object) -> object:
        """A text that leads to a customer's plan where there is one."""
        return self.link(f"{PLANS}/{self.plans[customer_id]}", text) if customer_id in self.plans else text

    def team(self, team: str, text: object) -> object:
        """A text that leads to a team's own workbook where there is one."""
        return self.link(f"{TEAMS}/{self.teams[team]}", text) if team in self.teams else text
