"""Texts as they are hard on software: every script, signs that mean something to some parser, and the field's very end.

Left out on purpose, because what becomes of it says nothing about a product: control characters, lone surrogates, text that
is not in Unicode's normal form C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_SCRIPTS: Final = {
    "Latin": "aeiounrstlmäöüßéèçñåøæœłźżčšžğıőűțșđħŋÞð", "Greek": "αβγδεζηθικλμνξοπρσςτυφχψω",
    "Cyrillic": "абвгдежзиклмнопрстуфхцчшщыьэюяіїєґљњџ", "Armenian": "աբգդեզէըթժիլխծկհձղճմ",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשת", "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "Devanagari": "अआइईउऊएऐओऔकखगघचछजझटठडढणतथ",
    "Bengali": "অআইঈউঊএকখগঘচছজঝটঠ", "Tamil": "அஆஇஈஉஊஎஏகஙசஞடணதநபமய", "Thai": "กขคฆงจฉชซฌญฎฏฐฑฒณดตถ", "Georgian": "აბგდევზთიკლმნოპჟრსტ",
    "Ethiopic": "ሀለሐመሠረሰቀበተኀነአከወ", "Khmer": "កខគឃងចឆជឈញដឋឌឍណ", "Hangul": "가나다라마바사아자차카타파하한국", "Hiragana": "あいうえおかきくけこさしすせそ",
    "Katakana": "アイウエオカキクケコサシスセソ", "Han": "東京都北京市漢字会社株式有限公司龍書", "Han beyond 16 bits": "𠀋𡈽𡌛𡑮𠮟𠮷𡢽𠮷",
    "Cherokee": "ᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩ", "Vietnamese": "ăâđêôơưạảấầẩẫậắằ",
}  # fmt: skip
SIGNS: Final = (
    "'", '"', "\\", "&", "<", ">", "<b>", "</b>", "<br/>", ";", ",", "|", "%", "_", "{", "}", "{{x}}", "${x}", "&amp;", "&#39;",
    "%20", "+", "\\n", "--", "/*", "]]>", "<!--", "#", "@", "~", "^", "`", "=", "?", "!", "*", "''", '""', "«", "»", "“", "”", "’", "–",
    "…", "€", "£", "¥", "§", "°", "½", "×", "µ", "ﬁ", "№",
)  # fmt: skip
_EMOJI: Final = ("🚀", "👩‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "🧑‍💻", "🏴‍☠️", "😀", "🈁", "🫠", "🎉", "✈️")
_WORDS: Final = (
    "Offer", "seats", "clinic", "harbour", "renewal", "Söhne", "Café", "branch", "pilot", "north", "rollout", "tender",
)  # fmt: skip
_SEEM: Final = (
    "null", "NULL", "None", "undefined", "NaN", "N/A", "-", "0", "007", "00012", "1e5", "1E400", "true", "False", "no", "=1+1",
    "=SUM(A1:A9)", "+49", "-5", "1,5", "1.234,56", "12/31/2027", "2027-02-30", "#REF!", "Infinity", "{}", "[]", "()", "a", "@me", "<none>",
    "0x1F", "1_000", "on", "//", "c:\\temp", "{0}", "%s", "%d%%", "\\u0041", "&nbsp;", "SELECT", "O'Brien",
)  # fmt: skip
_GAPS: Final = ("  ", "\u00a0", "\t", "\u2003", "\u202f", " - ", " \u00b7 ")
_BREAKS: Final = ("\n", "\n\n", "\n- ", "\n\t")


def texts(field: dict[str, Any]) -> list[SearchStrategy[Any]]:
    """The kinds of text that a string or textarea field is tried with, each a strategy.

    Args:
        field: its describe entry; ``length`` counts characters.
    """
    from hypothesis import strategies as st

    length = int(field.get("length") or 255)
    words, signs = st.sampled_from(_WORDS), st.sampled_from(SIGNS)
    gaps = _GAPS + _BREAKS if field.get("type") == "textarea" else _GAPS

    def clipped(parts: list[str], between: str = "") -> str:
        # Half of the length, because some count 16-bit units; ends are trimmed by the CRM itself.
        return between.join(parts)[: max(length // 2, 1)].strip() or "a"

    def filled(parts: list[str]) -> str:
        motif = " ".join(parts) + ". "
        return (motif * (length // len(motif) + 1))[: length - 1] + "e"

    return [
        st.lists(st.sampled_from(list(_SCRIPTS)), min_size=1, max_size=3, unique=True)
        .flatmap(lambda names: st.tuples(*(_word(_SCRIPTS[name]) for name in names)))
        .map(lambda parts: clipped(list(parts), " ")),
        st.lists(st.one_of(signs, words, signs), min_size=2, max_size=8).map(clipped),
        st.lists(words, min_size=1, max_size=4).map(filled),
        st.lists(st.one_of(st.sampled_from(_EMOJI), words), min_size=1, max_size=5).map(
            lambda p: clipped(p, " ")
        ),
        st.sampled_from(_SEEM).map(lambda text: clipped([text])),
        st.tuples(words, st.sampled_from(gaps), words, st.sampled_from(gaps), words).map(
            lambda p: clipped(list(p))
        ),
    ]


def emails(field: dict[str, Any]) -> list[SearchStrategy[Any]]:
    """Addresses that are valid and that forms like to refuse or to change."""
    from hypothesis import strategies as st

    length = int(field.get("length") or 80)
    local = st.sampled_from(
        (
            "ines.okafor",
            "jan+portal",
            "m.o'neill",
            "x_y",
            "a",
            "first.middle.last",
            "sales-emea",
            "42",
            "a.b.c.d",
            "kim+a+b",
        )
    )
    host = st.sampled_from(
        ("example.com", "sub.domain.example.com", "ex-ample.org", "a.example.net", "example.museum")
    )
    number = st.sampled_from(range(2, 99))
    fill = "@long.example.com"
    return [
        st.tuples(local, number, host).map(lambda p: f"{p[0]}{p[1]}@{p[2]}"),
        number.map(lambda n: (f"{n}" + "partner" * 20)[: min(length, 64 + len(fill)) - len(fill)] + fill),
    ]


def phones(_field: dict[str, Any]) -> list[SearchStrategy[Any]]:
    """Numbers as people write them: not one of them is a number to compute with."""
    from hypothesis import strategies as st

    form = st.sampled_from(
        (
            "+49 (0)30 {0}-{1}",
            "0{0}{1}",
            "+1 555 01{1} x{0}",
            "001-{0}-{1}",
            "({0}) {1}",
            "+{0} {1} {0} {1}",
            "{0}/{1}",
            "0{0} {1} ext. {1}",
        )
    )
    two = st.sampled_from(range(10, 99))
    return [st.tuples(form, two, two).map(lambda p: p[0].format(p[1], p[2]))]


def urls(field: dict[str, Any]) -> list[SearchStrategy[Any]]:
    """Addresses with everything that an address may hold."""
    from hypothesis import strategies as st

    length = int(field.get("length") or 255)
    tail = st.sampled_from(
        (
            "",
            "/",
            "/a%20b",
            "/offer?id=7&lang=de#terms",
            "/?q=a+b&q=c",
            "/~team/x;v=1",
            "/%E6%9D%B1?x=%26",
            "/#/route",
            "/a(b)/c,d",
        )
    )
    host = st.sampled_from(
        ("example.com", "www.example.org", "a-b.example.net:8443", "xn--bcher-kva.example")
    )
    return [
        st.tuples(host, tail).map(lambda p: f"https://{p[0]}{p[1]}"),
        st.tuples(host, st.sampled_from("bcdfgh")).map(lambda p: f"https://{p[0]}/".ljust(length, p[1])),
    ]


def _word(letters: str) -> SearchStrategy[str]:
    from hypothesis import strategies as st

    return st.lists(st.sampled_from(letters), min_size=2, max_size=8).map("".join)
