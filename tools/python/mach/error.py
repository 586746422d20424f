# SPDX-License-Identifier: MIT
"""Results that are not success."""

from __future__ import annotations

from typing import Callable

from . import const

_describe: Callable[[int], str] = hex


def set_describe(function: Callable[[int], str]) -> None:
    """Say how a code becomes words (mach_error_string)."""
    global _describe
    _describe = function


class MachError(Exception):
    """A kern_return_t or mach_msg_return_t.

    code is the number (compare it with mach.const), name the words of
    mach_error_string() for it.
    """

    def __init__(self, code: int):
        self.code = code
        self.name = _describe(code)
        super().__init__(f"{self.name} ({code:#x})" if code > 0 else
                         f"{self.name} ({code})")

    @staticmethod
    def of(code: int) -> MachError:
        """The exception for a code."""
        if code & ~const.MACH_MSG_MASK in (const.MACH_SEND_TIMED_OUT,
                                           const.MACH_RCV_TIMED_OUT):
            return MachTimeout(code)
        return MachError(code)


class MachTimeout(MachError, TimeoutError):
    """MACH_SEND_TIMED_OUT or MACH_RCV_TIMED_OUT."""
