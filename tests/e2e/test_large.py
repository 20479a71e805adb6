"""Large contexts: the model at the very end, a first backend that fails, and a second one with another model."""
from harness import large


def check(carried, size, models):
    assert carried.reply == (200, {})
    assert [len(body) for body in carried.bodies] == [len(large.body_of(size, model)) for model in models]
    assert carried.bodies == [large.body_of(size, model) for model in models]


def test_a_large_chat_whose_first_backend_breaks_off(tmp_path):
    size = (50 << 20) - 1
    check(large.carry(large.with_module, tmp_path / "broken", size, failure=0), size, large.MODELS)


def test_a_large_chat_is_retried_whole_and_costs_envoy_no_more_memory(tmp_path):
    more = {}
    for size in (1 << 20, 50 << 20):
        for make in (large.alone, large.with_module):
            carried = large.carry(make, tmp_path / f"{make.__name__}-{size}", size)
            more[make, size] = carried.more
            check(carried, size, large.MODELS if make is large.with_module else ("chat", "chat"))
    print({f"{make.__name__} {size >> 20} MiB": f"{value / 1e6:.1f} MB" for (make, size), value in more.items()})
    # The pages that a process has taken vary by some; a copy of the body would be 50 MB.
    for size in (1 << 20, 50 << 20):
        assert more[large.with_module, size] - more[large.alone, size] < 8e6, more
