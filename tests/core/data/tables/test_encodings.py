"""The encoding of a text is told from few letters."""

import io

import pytest

from core.data.tables import first_rows, open_table
from core.data.tables.encodings import BLOCK_BYTES, encoding_of

TEXTS = {
    "cp1252": [
        "Un film très drôle, où l’héroïne rêve d’être aimée.",
        "Schöne Träume für große Männer",
        "It’s a “great” film – really… don’t",
        "Perché è così città",
        "Blå øje og rød æble",
        "Niño, señor, corazón, ¡película!",
        "Avó, coração, não",
        "Fågeln är på träd å ö",
        "Amélie; Léon; Señorita",
    ],
    "cp1250": [
        "Świetny film, który każdy powinien obejrzeć, choć jest trudny.",
        "Skvělý příběh, který měl vidět.",
    ],
    "cp1251": ["Очень медленный и красивый фильм о памяти и любви.", "Солярис"],
    "koi8-r": [
        "Очень медленный и красивый фильм о памяти и любви.",
        "Солярис",
        "Отличный фильм!",
        "скучно, не советую",
    ],
    "koi8-u": ["Дуже гарний фільм про кохання та пам'ять, раджу всім переглянути його ще раз."],
    "cp866": ["Очень медленный и красивый фильм о памяти и любви."],
    "iso8859-5": ["Очень медленный и красивый фильм о памяти и любви."],
    "iso8859-2": ["Świetny film, który każdy powinien obejrzeć, choć jest trudny."],
    "cp1253": ["Μια πολύ όμορφη ταινία για τη ζωή και τον έρωτα."],
    "cp1254": ["Çok güzel bir film, ışık ve gölge şaşırtıcı, ağır ama değerli."],
    "cp932": [
        "とても長いが素晴らしい映画です。最後の戦いは忘れられない。",
        "七人の侍",
        "つまらない映画だった。",
        "ラストシーンに感動しました。音楽も最高！",
    ],
    "euc-jp": ["とても長いが素晴らしい映画です。最後の戦いは忘れられない。"],
    "gb18030": [
        "这是一部非常感人的电影，演员的表演非常出色。",
        "故事很好，但是结尾太慢了，我不喜欢。",
        "霸王别姬",
        "电影不错，值得一看！",
        "剧情拖沓，浪费时间。特效还行，配乐很好听，女主角演得自然。",
    ],
    "big5": ["這是一部非常感人的電影，演員的表演非常出色。"],
    "cp949": ["정말 강렬하고 잊을 수 없는 영화였다. 연기가 훌륭하다.", "올드보이"],
    "cp1255": ["סרט יפה מאוד על אהבה וזיכרון"],
    "iso8859-8": ["סרט יפה מאוד על אהבה וזיכרון"],
    "cp1256": ["فيلم جميل جدا عن الحب والذاكرة"],
    "iso8859-6": ["فيلم جميل جدا عن الحب والذاكرة", "التمثيل ممتاز والموسيقى جميلة"],
    "iso2022-jp": [
        "とても長いが素晴らしい映画です。最後の戦いは忘れられない。",
        "七人の侍",
        "つまらない映画だった。",
    ],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts]
)
@pytest.mark.parametrize("count", [1, 3, 200])
def test_letters_of_many_scripts_are_read(encoding: str, text: str, count: int) -> None:
    content = "user|review\n" + "".join(f"{n}|{text}\n" for n in range(count))
    found = open_table("mine.csv", lambda: io.BytesIO(content.encode(encoding)))
    assert (
        found.encoding == "ISO-2022-JP" if encoding == "iso2022-jp" else found.encoding.endswith("(guessed)")
    )
    assert first_rows(found, 1).review.tolist() == [text]


@pytest.mark.parametrize("before", [0, 1, 2, 3, -50_000])
def test_japanese_letters_late_in_a_long_file_are_read(before: int) -> None:
    """The first shift begins so many bytes before the end of the first block."""
    rows = [b"user|review", *[b"1|plain words of a long file"] * 40_000]
    start = b"\n".join(rows)[: BLOCK_BYTES - before - 3] + b"\n2|"
    content = start + "七人の侍\n".encode("iso2022-jp")
    table = open_table("mine.csv", lambda: io.BytesIO(content))
    assert table.encoding == "ISO-2022-JP"
    *_, last = table.batches({"review": "review"})
    assert last["review"].to_pylist()[-1] == "七人の侍"


def test_a_stray_byte_in_utf_8_is_no_other_encoding() -> None:
    assert encoding_of(io.BytesIO("é à ü ö ß".encode() + b"\xff")) == "utf-8"
