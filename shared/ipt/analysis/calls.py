"""What is known of functions whose text is not in the file."""

from __future__ import annotations

from enum import Enum

__all__ = ["CallKind", "classify_call", "reads_float_state", "sets_errno"]


class CallKind(Enum):
    """What a library function does beside returning a value."""

    PURE = "pure"
    READS_TEXT = "reads the memory its arguments point to"
    MOVES_BLOCK = "writes as many bytes as it is told"
    OUTPUT = "input or output"
    STATEFUL = "keeps hidden state"
    UNKNOWN = "unknown"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# <math.h> of C17, each with its `f` and `l` variants.  They may set errno,
# which every thread has for itself.
_MATH = _words("""
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc
    exp exp2 expm1 fabs fdim floor fma fmax fmin fmod hypot ilogb ldexp llrint
    llround log log10 log1p log2 logb lrint lround nearbyint nextafter pow
    remainder rint round scalbln scalbn sin sinh sqrt tan tanh trunc
""")
_VARIANTS = frozenset(name + suffix for name in _MATH for suffix in ("", "f", "l"))
# Also what <math.h> and assert() expand to.
_PURE = _VARIANTS | _words("""
    j0 j1 y0 y1 tgamma tgammaf abs labs llabs isalpha isdigit isspace isupper
    islower isalnum toupper tolower __fpclassify __fpclassifyf __fpclassifyl
    __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc
    __signbit __isnan __isinf __finite __finitef __isnanf __isinff __assert_fail
""")
_CPP_PURE = _words("max min abs isnan isinf isfinite norm")
_BUILTINS = _words("""
    inf inff infl huge_val huge_valf huge_vall nan nanf isnan isinf isinf_sign
    isfinite isnormal signbit signbitf signbitl fabs fabsf fabsl sqrt expect
    fpclassify isgreater isless isgreaterequal islessequal isunordered popcount
    popcountl popcountll clz clzl ctz ctzl abs labs bswap32 bswap64
""")
_READS_TEXT = _words("strlen strcmp strncmp memcmp strcasecmp")
_MOVES_BLOCK = _words("memset memcpy memmove")
_OUTPUT = _words("""
    printf fprintf dprintf vprintf vfprintf puts fputs putchar putc fputc fwrite
    perror scanf fscanf getchar getc fgetc fgets gets fread fopen fclose fflush
    fseek ftell rewind remove rename open close read write getline setbuf setvbuf
    __printf_chk __fprintf_chk __isoc99_scanf __isoc99_fscanf ungetc feof ferror
    system sleep usleep nanosleep operator<< operator>>
""")
_STATEFUL = _words("""
    rand srand random srandom drand48 erand48 lrand48 mrand48 srand48 strtok
    setlocale getenv setenv time clock gettimeofday clock_gettime localtime gmtime
    asctime ctime strerror lgamma lgammaf malloc calloc realloc free aligned_alloc
    exit abort atexit signal raise setjmp longjmp qsort bsearch rand_r
""")


_NO_ERROR = _words("abs ceil copysign fabs floor fmax fmin rint round trunc")
_SAFE = frozenset(name + suffix for name in _NO_ERROR for suffix in ("", "f", "l"))
_ERRNO = _words("errno __errno_location __error ___errno _errno perror")
_FLOAT_STATE = _words("""
    fetestexcept fegetexcept fegetexceptflag feraiseexcept feholdexcept fegetenv
    fesetenv feupdateenv fesetround feenableexcept fedisableexcept fesetexceptflag
    __fetestexcept fegetround feclearexcept
""")


def sets_errno(name: str, called: frozenset[str]) -> bool:
    """Tell whether a function may set errno in a file that reads it.

    Args:
        name: The function's name.
        called: Names of all functions that the file calls.
    """
    return bool(called & _ERRNO) and name in _VARIANTS - _SAFE


def reads_float_state(called: frozenset[str]) -> bool:
    """Tell whether a file asks which floating-point exceptions there were.

    Every thread has flags and a rounding mode of its own.

    Args:
        called: Names of all functions that the file calls.
    """
    return bool(called & _FLOAT_STATE)


def classify_call(name: str, *, is_system: bool) -> CallKind:
    """Tell what a library function does.

    Args:
        name: The function's name.
        is_system: Whether a system header declares it.  Names of the C library
            are reserved, so that a declaration by hand means the same
            function; names of the C++ library are not.

    Returns:
        Its kind.
    """
    if name.startswith("__builtin_"):
        known = name.removeprefix("__builtin_") in _BUILTINS
        return CallKind.PURE if known else CallKind.UNKNOWN
    if name in _PURE or (is_system and name in _CPP_PURE):
        return CallKind.PURE
    if name in _READS_TEXT:
        return CallKind.READS_TEXT
    if name in _MOVES_BLOCK:
        return CallKind.MOVES_BLOCK
    if name in _OUTPUT:
        return CallKind.OUTPUT
    return CallKind.STATEFUL if name in _STATEFUL else CallKind.UNKNOWN
