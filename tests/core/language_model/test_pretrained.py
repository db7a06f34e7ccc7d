"""Pretrained weights: words and tensors taken from an archive in which nothing else can act."""

import io
import os
import pickle
import tarfile
from pathlib import Path

import pytest
import torch
from fastai.text.all import AWD_LSTM
from fastai.text.models.awdlstm import awd_lstm_lm_config
from fastai.text.models.core import get_language_model

from core.errors import BadInput
from core.language_model.pretrained import load_pretrained, plain_words

SMALL = awd_lstm_lm_config | {"emb_sz": 4, "n_hid": 6, "n_layers": 2}
OLD, NEW = ["xxunk", "xxpad", "good", "film"], ["xxunk", "film", "zyzzyva"]


def archive(path: Path, words: object, weights: object) -> Path:
    """Write an archive as fastai publishes its own."""
    tensors = io.BytesIO()
    torch.save(weights, tensors)
    with tarfile.open(path, "w:gz") as tar:
        for name, content in (("lm/itos.pkl", pickle.dumps(words)), ("lm/lstm.pth", tensors.getvalue())):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def test_each_word_gets_its_own_weights_and_others_the_mean(tmp_path: Path) -> None:
    theirs = get_language_model(AWD_LSTM, len(OLD), SMALL)
    path = archive(tmp_path / "lm.tgz", OLD, theirs.state_dict())
    ours = get_language_model(AWD_LSTM, len(NEW), SMALL)
    load_pretrained(ours, NEW, path)
    old, new = theirs[0].encoder.weight.detach(), ours[0].encoder.weight.detach()
    assert torch.equal(new[0], old[0]) and torch.equal(new[1], old[3])
    assert torch.allclose(new[2], old.mean(0))
    assert torch.equal(ours[0].rnns[0].weight_hh_l0_raw, theirs[0].rnns[0].weight_hh_l0_raw)


@pytest.mark.parametrize("protocol", range(6))
def test_words_are_read_from_any_protocol(protocol: int) -> None:
    words = ["good", "film", "été", "🎬", "x" * 300]
    assert plain_words(pickle.dumps(words, protocol)) == words


def test_a_pickle_that_would_act_is_refused(tmp_path: Path) -> None:
    mark = tmp_path / "acted"

    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(mark),)

    good = get_language_model(AWD_LSTM, len(OLD), SMALL).state_dict()
    for words, weights in ((Harm(), good), (OLD, Harm())):
        path = archive(tmp_path / "lm.tgz", words, weights)
        with pytest.raises(BadInput, match="does not hold the weights and words"):
            load_pretrained(get_language_model(AWD_LSTM, len(NEW), SMALL), NEW, path)
    assert not mark.exists()


def test_another_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lm.tgz"
    path.write_bytes(b"not an archive")
    with pytest.raises(BadInput, match="lm.tgz does not hold"):
        load_pretrained(get_language_model(AWD_LSTM, len(NEW), SMALL), NEW, path)
