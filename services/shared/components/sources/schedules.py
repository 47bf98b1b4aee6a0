"""When a schedule is due."""

from datetime import datetime, timedelta

from services.shared.contracts.sources import Schedule


def next_time(schedule: Schedule, *, after: datetime) -> datetime:
    """The first time after the given one, which must be aware; cron fields are in UTC.

    Raises:
        ValueError: the cron fields say no time.
    """
    if schedule.every_seconds is not None:
        return after + timedelta(seconds=schedule.every_seconds)
    from croniter import croniter

    return croniter(schedule.cron or "", after).get_next(datetime)


def check(schedule: Schedule) -> None:
    """Return when the schedule can be followed.

    Raises:
        ValueError: its cron fields cannot be read.
    """
    if schedule.cron is not None:
        from croniter import croniter

        if len(schedule.cron.split()) != 5 or not croniter.is_valid(schedule.cron):
            raise ValueError(f"'{schedule.cron}' is not a time for cron; give five fields, such as '0 3 * * *'.")
