"""Names of many elements, kept as places in a short list of words.

A block of years asks for draws and outages of the same few nodes over and over: whole numbers are
quick to gather, compare and sort, and each word is hashed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: SplitMix64 counts in steps of it; see ``mixed``
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Book:
    """A list of words, and a number for each that is worked out when it is first asked for.

    A subclass may know its words by rule (``word``) instead of holding them.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words: tuple[str, ...] | None = tuple(words)
        self._set_size(len(words))

    def _set_size(self, size: int) -> None:
        self.size = size
        self._numbers: dict[Callable[[str], int], tuple[NDArray[np.uint64], NDArray[np.bool_]]] = {}
        self._ranks: NDArray[np.int64] | None = None

    def word(self, code: int) -> str:
        """Return one word."""
        assert self.words is not None
        return self.words[code]

    def numbers(self, codes: NDArray[np.int64],
                number: Callable[[str], int]) -> NDArray[np.uint64]:
        """Return ``number(word)`` for each code, worked out once a word and function."""
        if number not in self._numbers:
            self._numbers[number] = np.zeros(self.size, np.uint64), np.zeros(self.size, bool)
        table, known = self._numbers[number]
        if not known.all():
            for code in np.unique(codes[~known[codes]]).tolist():
                table[code] = number(self.word(code))
                known[code] = True
        return np.asarray(table[codes], np.uint64)

    def rank(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return numbers that order words as the alphabet does, one per code."""
        if self._ranks is None:
            ranks = np.empty(self.size, np.int64)
            words = np.array([self.word(code) for code in range(self.size)], dtype=object)
            ranks[np.argsort(words, kind="stable")] = np.arange(self.size)
            self._ranks = ranks
        return np.asarray(self._ranks[codes], np.int64)

    def text(self, codes: NDArray[np.int64]) -> NDArray[np.object_]:
        """Return the words of the codes as an object array of their shape."""
        if self.words is not None and self.size < 4096:
            return np.array([*self.words, ""], dtype=object)[codes]
        few, place = np.unique(codes, return_inverse=True)
        words = np.array([*(self.word(code) for code in few.tolist()), ""], dtype=object)
        return words[place.reshape(codes.shape)]


class _PairBook(Book):
    """Every word of one book before every word of another."""

    def __init__(self, first: Book, between: str, second: Book) -> None:
        self.words = None
        self._first, self._between, self._second = first, between, second
        self._set_size(first.size * second.size)

    def word(self, code: int) -> str:
        """Return one word."""
        one, two = divmod(code, self._second.size)
        return self._first.word(one) + self._between + self._second.word(two)


class Names:
    """An array of words of one book; it is indexed as an array is."""

    __slots__ = ("book", "code")

    def __init__(self, book: Book, code: NDArray[np.int64]) -> None:
        self.book, self.code = book, code

    @classmethod
    def of(cls, words: Sequence[str] | NDArray[Any]) -> Names:
        """Return the words given, each once in a book that equal lists share."""
        book, code = _book(tuple(words))
        return cls(book, code)

    @classmethod
    def factorized(cls, words: Any) -> Names:
        """Return the names of an array or column of text."""
        place, few = pd.factorize(np.asarray(words, dtype=object), use_na_sentinel=False)
        book, code = _book(tuple(map(str, few)))  # 1 and "1" are one word
        return cls(book, code[place])

    @classmethod
    def all_of(cls, word: str, count: int) -> Names:
        """Return one word ``count`` times."""
        return cls(_book((word,))[0], np.zeros(count, np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Names]) -> Names:
        """Return several arrays of names as one."""
        books = list(dict.fromkeys(part.book for part in parts))
        if len(books) == 1:
            return cls(books[0], np.concatenate([part.code for part in parts]))
        whole = _book(tuple(book.word(code) for book in books for code in range(book.size)))
        start = dict(zip(books, np.cumsum([0, *(book.size for book in books[:-1])]).tolist(),
                         strict=True))
        return cls(whole[0], np.concatenate([whole[1][start[part.book] + part.code]
                                             for part in parts]))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.code.shape

    def __len__(self) -> int:
        return len(self.code)

    def __iter__(self) -> Iterator[str]:
        return iter(self.text())

    def __getitem__(self, index: Any) -> Names:
        return Names(self.book, self.code[index])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.object_]:
        return self.text()

    def before(self, between: str, other: Names) -> Names:
        """Return the names, each followed by ``between`` and the other name beside it."""
        book = _pair_book(self.book, between, other.book)
        return Names(book, self.code * other.book.size + other.code)

    def text(self) -> NDArray[np.object_]:
        """Return the words as an object array."""
        return self.book.text(self.code)


def joined(parts: Sequence[Any]) -> Any:
    """Return several arrays, of numbers or of names, as one."""
    return (Names.joined if isinstance(parts[0], Names) else np.concatenate)(parts)


def mixed(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well mixed 64-bit numbers, one to one: the finaliser of SplitMix64.

    Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
    """
    found = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


@lru_cache(maxsize=1024)
def _book(words: tuple[str, ...]) -> tuple[Book, NDArray[np.int64]]:
    few = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return Book(tuple(few)), np.array([few[word] for word in words], np.int64).reshape(-1)


@lru_cache(maxsize=1024)
def _pair_book(first: Book, between: str, second: Book) -> Book:
    return _PairBook(first, between, second)
