"""Dates in many written forms, to be translated into the one of ISO 8601: a small task whose answers are known."""

from __future__ import annotations

from datetime import date, timedelta

from xdl.data.order import host_array
from xdl.data.text.pairs import Pair, SentencePairs
from xdl.data.text.tokens import characters
from xdl.errors import SettingError, expect
from xdl.random import Stream

FIRST, DAYS = date(1900, 1, 1), 73_049  # to 2099-12-31
MONTHS = (  # those of the calendar module follow the user's language
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORMS = (
    "{d} {month} {y}",
    "{d} {short} {y}",
    "{month} {d}, {y}",
    "{short} {d}, {y}",
    "{month} {d}{th}, {y}",
    "the {d}{th} of {month} {y}",
    "{weekday}, {d} {month} {y}",
    "{weekday}, {month} {d}, {y}",
    "{y}, {month} {d}",
    "{d}.{m}.{y}",
    "{y}/{m:02}/{d:02}",
    "{m:02}/{d:02}/{y}",
)


def written(day: date, form: str) -> str:
    """A date in one of the FORMS; with points the day comes first, with strokes the month or the year."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th") if day.day not in (11, 12, 13) else "th"
    month = MONTHS[day.month - 1]
    words = {"month": month, "short": month[:3], "weekday": WEEKDAYS[day.weekday()], "th": ending}
    return form.format(d=day.day, m=day.month, y=day.year, **words)


def date_pairs(samples: int = 5000, seed: int = 0) -> SentencePairs:
    """Dates of 200 years, each in one of 12 written forms, and as 1998-05-03: 80 % of them to train.

    samples: dates in all, at least 20 and at most 73,049; no date comes twice, so none of the test is trained on
    seed:    of the dates and their forms

    Raises SettingError for another number of samples.
    """
    expect(20 <= samples <= DAYS, SettingError, "date_pairs", f"20 <= samples <= {DAYS}", samples)
    stream, like = Stream(seed, "date_pairs"), host_array()
    days = stream.permutation(DAYS, like)[:samples].tolist()
    forms = stream.integers(0, len(FORMS), (samples,), like).tolist()
    dates = [FIRST + timedelta(days=int(day)) for day in days]
    pairs: list[Pair] = [(written(day, FORMS[form]), day.isoformat()) for day, form in zip(dates, forms, strict=True)]
    held = samples // 10
    validation, test, train = pairs[:held], pairs[held : 2 * held], pairs[2 * held :]
    about = (
        f"{samples} generated dates from 1900 to 2099 in {len(FORMS)} written forms, and in ISO 8601: "
        f"{len(train)} train, {held} validation, {held} test; no date is in two parts"
    )
    parts = tuple(train), tuple(validation), tuple(test)
    return SentencePairs("dates", about, "written date", "ISO date", *parts, tokens=characters)
