-- One row is one week of first messages and one number of weeks since then. Counted are the users whose very first message,
-- of any time, is in the range and in that week (Monday to Sunday, UTC), and those of them who sent a message in the week
-- that is so many weeks later. Weeks that end after the range are left out, since they are not over.
CREATE OR REPLACE VIEW retention_by_week AS
SELECT
    toDateTime(first_week, 'UTC') AS time,
    toUInt32(arrayJoin(range(1, toUInt32(greatest(intDiv(toMonday(toTimeZone({to:DateTime64(3)}, 'UTC')) - first_week, 7), 1))))) AS weeks_later,
    if(weeks_later = 1, '1 week later', concat(toString(weeks_later), ' weeks later')) AS later,
    count() AS users,
    countIf(has(weeks, addWeeks(first_week, weeks_later))) AS retained_users,
    retained_users / users AS retention
FROM
(
    SELECT toMonday(min(event_time)) AS first_week, groupUniqArray(toMonday(event_time)) AS weeks
    FROM counted_events(from = '1970-01-01 00:00:00', to = {to:DateTime64(3)})
    WHERE event_type = 'message.sent'
    GROUP BY user
    HAVING min(event_time) >= {from:DateTime64(3)} AND argMin(({experiment:String} = '' OR if({variant:String} = '', mapContains(variants, {experiment:String}), variants[{experiment:String}] = {variant:String})), event_time)
)
GROUP BY first_week, weeks_later
ORDER BY time, weeks_later
COMMENT $json${
  "title": "Retention by week",
  "section": "people",
  "order": 20,
  "description": "One row is one week (Monday to Sunday, UTC) and one number of weeks since then. Of the users whose very first message was in that week: the share who sent a message again in the week so many weeks later. Weeks that are not over are left out.",
  "chart": {
    "type": "line",
    "x": "time",
    "y": [{ "column": "retention", "title": "Came back" }],
    "series": "later",
    "unit": "ratio"
  }
}$json$;
