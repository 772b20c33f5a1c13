"""The rules are a house: each floor leans only on the floors below, and no rule leaves the house.

errors, words, sheets, cells, books, kinds, policy, findings, locating, validation, consolidation, scoring, tiering,
risk, planning, explaining, history, assessment
"""
