-- One row is one model, by its name in turnlog.yaml, with what users said of its answers beside those of other models
-- (comparison.voted). Counted is the last vote in the range on each two answers; two answers of one model tell nothing of it.
-- Where both were as good, or none was any good, each model has won half. Votes are few: they are read from events.
--
-- win_rate is the share won of all votes on the model, with Wilson's interval of 95 % (Wilson, JASA 22, 1927), which takes
-- votes to be independent. It depends on whom the model was compared with. The rating does not: it is the strength p of the
-- Bradley-Terry model, in which i is preferred to j with probability p_i / (p_i + p_j), as 1000 + 400 log10(p), so that 400
-- points are ten to one and the mean over the models is 1000. One tie is added between each two models: it leads those to 1000
-- that have few votes, and keeps finite who never lost. The maximum of the likelihood is found by Zermelo's iteration (Hunter,
-- "MM algorithms for generalized Bradley-Terry models", Annals of Statistics 32, 2004), which always rises; 1000 rounds leave
-- less than a point unless groups of models were hardly compared with each other.
CREATE OR REPLACE VIEW comparison_ranking AS
WITH
    1.959964 AS z,
    votes AS
    (
        SELECT
            max(event_time) AS voted_at,
            argMax((compared_models, events.winner), (event_time, event_id)) AS vote,
            vote.1 AS models,
            vote.2 AS winner
        FROM events FINAL
        PREWHERE event_type = 'comparison.voted' AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
        WHERE backtest_id = ''
        GROUP BY cityHash64(compared_turn_ids)
        HAVING models[1] != models[2]
    ),
    -- Each vote as the one and as the other model sees it.
    sides AS
    (
        SELECT side.1 AS model, side.2 AS opponent, side.3 AS is_won, side.4 AS is_lost, winner, voted_at
        FROM votes
        ARRAY JOIN [
            (models[1], models[2], winner = 'first', winner = 'second'),
            (models[2], models[1], winner = 'second', winner = 'first')] AS side
    ),
    tallies AS
    (
        SELECT
            model,
            count() AS votes,
            countIf(is_won) AS wins,
            countIf(is_lost) AS losses,
            countIf(winner = 'tie') AS ties,
            countIf(winner = 'neither') AS both_bad,
            wins + (ties + both_bad) / 2 AS score,
            sumMap(map(opponent, 1)) AS votes_by_opponent,
            max(voted_at) AS last_voted_at
        FROM sides
        GROUP BY model
        ORDER BY model
    ),
    -- All models in one row: scores, and how often each two were compared, with the tie that is added.
    matrix AS
    (
        SELECT
            groupArray(model) AS models,
            groupArray((votes, wins, losses, ties, both_bad, score, last_voted_at)) AS counts,
            arrayMap(own -> own + (length(models) - 1) / 2, groupArray(score)) AS scores,
            arrayMap(
                (own, met) -> arrayMap(other -> met[other] + (other != own), models),
                models, groupArray(votes_by_opponent)) AS meetings
        FROM tallies
    ),
    fitted AS
    (
        SELECT
            models,
            counts,
            arrayFold(
                (strengths, _) -> arrayMap(
                    (own, won, met) -> won / arraySum((n, other) -> n / (own + other), met, strengths),
                    strengths, scores, meetings),
                range(1000),
                arrayMap(_ -> 1., models)) AS strengths,
            arrayMap(strength -> log10(strength), strengths) AS logarithms
        FROM matrix
    )
SELECT
    model,
    1000 + 400 * (logarithm - arrayAvg(logarithms)) AS rating,
    tally.1 AS votes,
    tally.2 AS wins,
    tally.3 AS losses,
    tally.4 AS ties,
    tally.5 AS both_bad,
    tally.6 / votes AS win_rate,
    (win_rate + z * z / 2 / votes - z * sqrt(win_rate * (1 - win_rate) / votes + z * z / 4 / votes / votes)) / (1 + z * z / votes) AS win_rate_low,
    (win_rate + z * z / 2 / votes + z * sqrt(win_rate * (1 - win_rate) / votes + z * z / 4 / votes / votes)) / (1 + z * z / votes) AS win_rate_high,
    tally.7 AS last_voted_at
FROM fitted
ARRAY JOIN models AS model, counts AS tally, logarithms AS logarithm
ORDER BY rating DESC, model
COMMENT $json${
  "title": "Ranking of models by comparison",
  "section": "models",
  "order": 40,
  "description": "One row is one model whose answers users compared with those of other models. Counted is the last vote in the range on each two answers. A tie, and a vote that both are bad, is half a win for each. The win rate has its interval of 95 % beside it. The rating is Bradley–Terry's: it takes into account whom a model was compared with, 1000 is the mean, and 400 points more mean to be preferred ten times to one.",
  "chart": {
    "type": "table",
    "x": "last_voted_at",
    "y": [
      { "column": "rating", "title": "Rating", "unit": "points" },
      { "column": "win_rate", "title": "Win rate", "unit": "ratio" },
      { "column": "win_rate_low", "title": "Win rate, low", "unit": "ratio" },
      { "column": "win_rate_high", "title": "Win rate, high", "unit": "ratio" },
      { "column": "votes", "title": "Votes" },
      { "column": "wins", "title": "Wins" },
      { "column": "losses", "title": "Losses" },
      { "column": "ties", "title": "Ties" },
      { "column": "both_bad", "title": "Both bad" }
    ],
    "unit": "count"
  }
}$json$;
