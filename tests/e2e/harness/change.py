"""Files that change while a gateway reads them, and how soon what they say is live."""
import time

from harness.envoy import wait_for

LIVE_WITHIN = 1.0  # seconds
CHANGES = 20


def replace(path, text):
    """At once: nobody sees half of it."""
    temporary = path.with_suffix(".new")
    temporary.write_text(text)
    temporary.rename(path)


def check_promptness(change, is_live):
    """change(n) is live when is_live(n): each at last, and one of them in time, since a busy machine can only delay.
    Each is made when the one before has just been taken: the next look at the file is a whole period away, and none is
    fast by luck. How many were made: two at least."""
    took = []
    for number in range(CHANGES):
        begin = time.monotonic()
        change(number)
        wait_for(lambda: is_live(number), f"change {number} is live")
        took.append(time.monotonic() - begin)
        if number > 0 and took[-1] < LIVE_WITHIN:
            return len(took)
    raise AssertionError(f"none of these changes was live in time, in seconds: {took}")
