"""Large contexts: the model at the very end, a first backend that fails, and a second one with another model."""
import pytest
from harness import large


@pytest.mark.timeout(180)
def test_a_large_chat_is_retried_whole_and_costs_envoy_no_more_memory(tmp_path):
    more = {}
    for size in (1 << 20, 50 << 20):
        for make in (large.alone, large.with_module):
            carried = large.carry(make, tmp_path / f"{make.__name__}-{size}", size)
            more[make, size] = carried.more
            assert carried.reply == (200, {})
            models = large.MODELS if make is large.with_module else ("chat", "chat")
            assert [len(body) for body in carried.bodies] == [len(large.body_of(size, model)) for model in models]
            assert carried.bodies == [large.body_of(size, model) for model in models]
    print({f"{make.__name__} {size >> 20} MiB": f"{value / 1e6:.1f} MB" for (make, size), value in more.items()})
    # The pages that a process has taken vary by some; a copy of the body would be 50 MB.
    for size in (1 << 20, 50 << 20):
        assert more[large.with_module, size] - more[large.alone, size] < 8e6, more
