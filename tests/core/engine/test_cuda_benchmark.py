"""The benchmark of a GPU, in miniature on the CPU, so that it does not rot unseen."""

from collections.abc import Iterator

import pytest
import torch

from benchmarks import bare, cuda

STEPS, BATCH = 2, 2


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    # Threads that wait for each other by spinning are slow where others work, too.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def some_images() -> bare.Images:
    draw = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (12, 32, 32, 3), dtype=torch.uint8, generator=draw)
    return images, torch.randint(0, 10, (12,), generator=draw)


def test_that_seeds_in_one_go_learn_as_each_does_by_itself() -> None:
    data = some_images()
    found = cuda.seeds_in_one_go(range(2), data, steps=STEPS, batch=BATCH)
    assert found.shape == (STEPS, 2)
    for seed in range(2):
        torch.manual_seed(seed)
        net = bare.seed_cnn()
        batches = torch.split(torch.randperm(len(data[0])), BATCH)
        last = bare.train(
            net, lambda p: torch.optim.SGD(p, lr=cuda.RATE), data, batches[:STEPS]
        )
        torch.testing.assert_close(found[-1, seed], last, rtol=1e-4, atol=1e-4)


def test_that_a_seed_that_diverges_disturbs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images, classes = some_images()
    calm = cuda.seeds_in_one_go([0, 1], (images, classes), steps=STEPS, batch=BATCH)
    plain = torch.func.stack_module_state

    def spoilt(nets: list[torch.nn.Module]) -> object:
        weights, buffers = plain(nets)
        next(iter(weights.values())).data[1] = float("inf")
        return weights, buffers

    monkeypatch.setattr(cuda, "stack_module_state", spoilt)
    hurt = cuda.seeds_in_one_go([0, 1], (images, classes), steps=STEPS, batch=BATCH)
    assert not hurt[:, 1].isfinite().any()
    torch.testing.assert_close(hurt[:, 0], calm[:, 0])


def test_that_both_rows_are_measured() -> None:
    rows = cuda.measure("cpu", rounds=1, steps=1, seeds=2, batch=2)
    assert [row.key for row in rows] == ["cuda-net", "cuda-seeds"]
    assert all(row.value > 0 for row in rows)


def test_that_a_machine_without_a_gpu_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert cuda.main() == 0
    assert capsys.readouterr().out.count("\n") == 1
