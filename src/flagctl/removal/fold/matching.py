"""`match` of a value that is known, and cases that can no longer be chosen."""

from __future__ import annotations

import libcst as cst

from flagctl.removal.values import NOT_LITERAL, Known, Values, is_pure, literal_value


def live_cases(node: cst.Match, values: Values) -> list[cst.MatchCase]:
    """The cases of a `match` without those that are never chosen, as far as these bind nothing."""
    subject = values.of(node.subject)
    kept: list[cst.MatchCase] = []
    for case in node.cases:
        if _is_refused(case, subject, values):
            continue
        kept.append(case)
        if case.guard is None and (is_irrefutable(case.pattern) or _matches(case.pattern, subject, values)):
            break
    return kept


def is_chosen(case: cst.MatchCase, subject: cst.BaseExpression, values: Values) -> bool:
    """Whether a case takes what comes to it, and binds nothing."""
    takes = _is_wildcard(case.pattern) or _matches(case.pattern, values.of(subject), values) is True
    return case.guard is None and takes


def is_irrefutable(pattern: cst.MatchPattern) -> bool:
    """Whether a pattern takes whatever comes."""
    match pattern:
        case cst.MatchAs(pattern=inner):
            return inner is None or is_irrefutable(inner)
        case cst.MatchOr(patterns=patterns):
            return is_irrefutable(patterns[-1].pattern)
    return False


def _is_wildcard(pattern: cst.MatchPattern) -> bool:
    return isinstance(pattern, cst.MatchAs) and pattern.pattern is None and pattern.name is None


def _is_refused(case: cst.MatchCase, subject: Known | None, values: Values) -> bool:
    guard = values.of(case.guard) if case.guard is not None else None
    if guard is not None and not guard.value and _does_nothing(case.pattern, values):
        return True
    return _matches(case.pattern, subject, values) is False


def _does_nothing(pattern: cst.MatchPattern, values: Values) -> bool:
    """Whether a pattern binds nothing, and nothing is done to compare with it."""
    match pattern:
        case cst.MatchValue(value=value):
            return is_pure(value, values)
        case cst.MatchSingleton():
            return True
        case cst.MatchOr(patterns=patterns):
            return all(_does_nothing(each.pattern, values) for each in patterns)
    return _is_wildcard(pattern)


def _matches(pattern: cst.MatchPattern, subject: Known | None, values: Values) -> bool | None:
    """Whether a known subject matches a pattern of literals; `None` if that cannot be told."""
    if subject is None:
        return None
    match pattern:
        case cst.MatchValue(value=value):
            literal = literal_value(value, values)
            return None if literal is NOT_LITERAL else bool(subject.value == literal)
        case cst.MatchSingleton(value=cst.Name() as name):
            return subject.value is literal_value(name, values)
        case cst.MatchOr(patterns=patterns):
            answers = [_matches(each.pattern, subject, values) for each in patterns]
            return None if None in answers else any(answers)
    return True if _is_wildcard(pattern) else None
