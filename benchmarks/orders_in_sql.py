"""What orders tell, worked out in SQL by DuckDB, with nothing of ours: for the measurement, and for the tests of the rules."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd

#: `$today` is the day that counts. A line below 0 is a return: it lowers amounts, and is no order.
FIGURES = """
with bought as (select * from orders where amount is null or amount >= 0),
days as (select distinct customer_id, ordered_on as day from bought),
gaps as (select customer_id, day - lag(day) over (partition by customer_id order by day) as gap from days),
rhythm as (select customer_id, median(gap) as rhythm, case when count(gap) > 1 then stddev_pop(gap) end as rhythm_spread from gaps group by all),
counted as (
    select customer_id, count(*) as order_days, min(day) as first_order, max(day) as last_order,
           count(*) filter (day > $today - interval 1 year) as order_days_year
    from days group by all),
numbered as (
    select customer_id, count(distinct coalesce(order_no, 'of ' || ordered_on::varchar)) as order_count
    from bought group by all),
summed as (
    select customer_id, sum(amount) as orders_amount, count(*) - count(amount) as orders_gaps,
           sum(amount) filter (ordered_on > $today - interval 1 year) as year,
           sum(amount) filter (ordered_on <= $today - interval 1 year and ordered_on > $today - interval 2 year) as before,
           bool_or(amount is null) filter (ordered_on > $today - interval 1 year) as year_unknown,
           bool_or(amount is null) filter (ordered_on <= $today - interval 1 year
                                           and ordered_on > $today - interval 2 year) as before_unknown,
           sum(coalesce(profit, amount - cost)) filter (ordered_on > $today - interval 1 year) as earned,
           sum(amount) filter (ordered_on > $today - interval 1 year
                               and coalesce(profit, amount - cost) is not null) as earned_of
    from orders group by all)
select customer_id, order_count, order_days, first_order, last_order, rhythm, rhythm_spread, order_days_year,
       orders_amount, orders_gaps, coalesce(year, 0) as year, coalesce(before, 0) as before,
       coalesce(year_unknown, false) as year_unknown, coalesce(before_unknown, false) as before_unknown, earned, earned_of
from summed left join counted using (customer_id) left join numbered using (customer_id) left join rhythm using (customer_id)
order by customer_id
"""


def figures(orders: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """The figures of every customer that has an order with a day, by ID."""
    columns = "customer_id order_no ordered_on amount cost profit".split()
    orders = orders[orders["ordered_on"].notna()][columns].astype({"customer_id": object, "order_no": object})
    with duckdb.connect() as connection:
        connection.register("typed", orders)
        connection.execute("create table orders as select * replace (ordered_on::date as ordered_on) from typed")
        return connection.execute(FIGURES, {"today": today}).df().set_index("customer_id")
