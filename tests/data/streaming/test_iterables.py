"""Datasets that are iterated, as PyTorch's users write them: the expected batches are those of PyTorch 2.13."""

import numpy as np
import pytest

import xdl
from xdl.data import ChainDataset, DataLoader, IterableDataset, get_worker_info
from xdl.errors import CheckpointError, KindError, SettingError


class Numbers(IterableDataset):
    """The numbers from start to before end; workers read a share each where `shared` says so."""

    def __init__(self, start, end, shared=False):
        self.start, self.end, self.shared = start, end, shared

    def __iter__(self):
        worker, start, end = get_worker_info(), self.start, self.end
        if self.shared and worker is not None:
            each = -(-(end - start) // worker.num_workers)
            start, end = start + worker.id * each, min(start + (worker.id + 1) * each, end)
        return iter(range(start, end))


class Sized(Numbers):
    def __len__(self):
        return self.end - self.start


def lists(loader):
    return [batch.tolist() for batch in loader]


def test_batches_are_cut_as_they_come():
    data = Numbers(3, 10)
    assert lists(DataLoader(data, batch_size=3)) == [[3, 4, 5], [6, 7, 8], [9]]
    assert lists(DataLoader(data, batch_size=3, drop_last=True)) == [[3, 4, 5], [6, 7, 8]]
    assert lists(DataLoader(data, batch_size=4, collate_fn=lambda some: np.array(some) * 2)) == [
        [6, 8, 10, 12],
        [14, 16, 18],
    ]
    assert list(DataLoader(data, batch_size=None)) == [3, 4, 5, 6, 7, 8, 9]
    assert list(DataLoader(data, batch_size=None, collate_fn=str))[:2] == ["3", "4"]
    loader = DataLoader(data, 2)
    assert lists(loader) == lists(loader)


def test_workers_read_copies_and_their_batches_come_in_turn():
    assert lists(DataLoader(Numbers(3, 7), num_workers=2)) == [[3], [3], [4], [4], [5], [5], [6], [6]]
    assert lists(DataLoader(Numbers(3, 8, shared=True), num_workers=2)) == [[3], [6], [4], [7], [5]]
    assert lists(DataLoader(Numbers(3, 7, shared=True), num_workers=12)) == [[3], [4], [5], [6]]


def test_a_worker_may_change_its_own_copy():
    def share(worker):
        info = get_worker_info()
        assert info.id == worker
        info.dataset.start, info.dataset.end = 10 * worker, 10 * worker + 2

    data = Numbers(0, 5)
    assert lists(DataLoader(data, num_workers=2, worker_init_fn=share)) == [[0], [10], [1], [11]]
    assert (data.start, data.end, get_worker_info()) == (0, 5, None)


def test_workers_of_other_datasets_know_who_they_are():
    class Who:
        def __len__(self):
            return 8

        def __getitem__(self, index):
            worker = get_worker_info()
            return (-1, 0) if worker is None else (worker.id, int(worker.dataset is who))

    who = Who()
    assert [part.tolist() for part in next(iter(DataLoader(who, 8)))] == [[-1] * 8, [0] * 8]
    ids, same = zip(*(batch for batch in DataLoader(who, 1, num_workers=2)), strict=True)
    assert {i.item() for i in ids} <= {0, 1}
    assert all(s.item() == 1 for s in same)


def test_samples_that_draw_are_fixed_by_the_seed_whichever_worker_makes_them():
    class Noise:
        def __len__(self):
            return 6

        def __getitem__(self, index):
            return xdl.rand(2)

    def passes(workers):
        xdl.manual_seed(3)
        loader = DataLoader(Noise(), 2, num_workers=workers)
        return [lists(loader), lists(loader)]

    first, second = passes(2)
    assert first != second
    assert [first, second] == passes(3)
    xdl.manual_seed(3)
    resumed = DataLoader(Noise(), 2, num_workers=2)
    next(iter(resumed))
    state = resumed.state_dict()
    xdl.rand(5)
    resumed.load_state_dict(state)
    assert lists(resumed) == first[1:]
    assert len({value for batch in first for row in batch for value in row}) == 12


def test_chains_go_on_with_the_next():
    chain = Numbers(0, 2) + Numbers(5, 7)
    assert isinstance(chain, ChainDataset)
    assert lists(DataLoader(chain, 3)) == [[0, 1, 5], [6]]
    assert len(ChainDataset([Sized(0, 2), Sized(1, 4)])) == 5
    with pytest.raises(KindError, match="ChainDataset: expected IterableDatasets, found list"):
        list(ChainDataset([[1]]))
    with pytest.raises(NotImplementedError):
        list(IterableDataset())


def test_a_length_is_known_where_the_dataset_has_one():
    assert len(DataLoader(Sized(0, 7), 3)) == 3
    assert len(DataLoader(Sized(0, 7), 3, drop_last=True)) == 2
    assert len(DataLoader(Sized(0, 7), None)) == 7
    for unsized in (Numbers(0, 7), Numbers(0, 1) + Sized(0, 1)):
        with pytest.raises(TypeError, match="a length"):
            len(DataLoader(unsized, 3))


@pytest.mark.parametrize(
    "setting", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}, {"transform": abs}, {"seed": 1}]
)
def test_what_needs_an_index_is_refused(setting):
    with pytest.raises(SettingError, match=f"DataLoader: expected an IterableDataset without {next(iter(setting))}"):
        DataLoader(Numbers(0, 3), **setting)


def test_a_pass_goes_on_where_it_was_left():
    loader = DataLoader(Numbers(0, 7), 2)
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    rest = [batch.tolist() for batch in batches]
    assert loader.state_dict() == {"delivered": None}
    loader.load_state_dict(state)
    assert lists(loader) == rest == [[2, 3], [4, 5], [6]]
    assert len(lists(loader)) == 4
    with pytest.raises(CheckpointError, match="the state_dict of a DataLoader over an IterableDataset"):
        loader.load_state_dict({"delivered": -1})


def test_an_error_of_the_dataset_reaches_the_consumer():
    class Broken(IterableDataset):
        def __iter__(self):
            yield 1
            raise ZeroDivisionError

    for workers in (0, 2):
        with pytest.raises(ZeroDivisionError):
            list(DataLoader(Broken(), num_workers=workers))
