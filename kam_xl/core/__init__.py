"""The rules are a house: each floor leans only on the floors below, and no rule leaves the house.

errors, texts, entries, numbers, currencies, amounts, privacy, failures, words,
list_words, order_words, sheets, own_sheets, computed, headings, scores, dates, periods, ids, choices, quantities,
books, raw, formats, headers, rows,
kinds, conversion, sections, order_settings, rule_settings, policy, findings, frames, nights, chain,
editions, intake, located, locating, column_looks, guesses, understanding, remembered,
customer_cells, identity,
reading, order_lines, customs, word_cleaners, id_cleaners, figure_cleaners, date_cleaners, typed_tables, read_books, adoption, doubts,
row_checks, validation, leaving_out,
units, likeness, list_and_book, versions,
parts, shapley, portfolio, stacking, order_numbers, order_facts, customers, attribution, evaluations, conflicts, crosschecks, duplicates, groups, consolidation,
rhythm, trends, order_value, orders, rfm, baskets,
scoring, tiering, severity, confidence, evidence, workdays, deals, strategies, service, contact, lifecycle, together, apart, health, relationships, whitespace,
goals, signals,
tasks, risk_view, risk_rules, order_rules, relation_rules, risk_states, causes, matters, risk,
visits, reminders, planning, waiting, budgets, standards, explaining,
kept_moves, history, alarms, worth, migration, replaying, separation, calibration, indicator_view, measures, order_measures, indicators, quality,
recorded, judging, cutting, assessment, outside, quotes, edits, paired, worlds, differences, bridges, moves, past_moves, adding_up, teams, by_team
"""
