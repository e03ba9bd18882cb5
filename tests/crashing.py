"""What becomes of a town whose processes die?"""

from tests.cast import Town


def after_a_crash(town: Town) -> Town:
    """The same town afterwards: its connections are gone, and everything is put together anew."""
    for ctx in town._open:
        for writer in (ctx.recorder, ctx.usage, ctx.trials, ctx.attempts):  # or they write on, with new connections
            writer.close()
        ctx.database.close()
    anew = Town(town._folder, town._machine_clock, homes=town._homes)
    anew.clock = town.clock
    return anew
