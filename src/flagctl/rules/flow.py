"""FLG3xx, the part that follows the code: can the flag still be switched, and does it decide what it should?"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from flagctl.model import Branch, Finding, Flag, Reference, Role, Severity, Snapshot
from flagctl.rules.rule import Example, Rule

_CONFIGURATION = '[[evaluation]]\ncall = "*flags.is_on"\nkey = 0\ndefault = "default"\n'


def _example(code: str, definition: str = "key: new-checkout\n") -> Example:
    return {"flags/new-checkout.yaml": definition, "flagctl.toml": _CONFIGURATION, "shop.py": code}


class ImportTimeEvaluation(Rule):
    """A flag that is read when a module is imported: at module level, in a class body, as a default argument.

    Why: what it said then is what the process goes on with. Switching the flag changes nothing until every process is
    started anew, so it cannot be rolled back when it has to be.

    Opt-in: on the real code that it was tried on it fired once, which is too rarely to tell.

    What to do: ask where the answer is needed, in the function that acts on it. Settings and environment variables,
    which do not change while a process runs, are left alone, and so are scripts; a helper of your own that reads such
    is told so by `refreshes = false` in its `[[evaluation]]`.
    """

    code = "FLG303"
    name = "import-time-evaluation"
    severity = Severity.WARNING
    is_default = False
    reads_code = True
    fires = _example(
        """
        import flags

        NEW_CHECKOUT = flags.is_on("new-checkout")

        def page(request):
            return "new" if NEW_CHECKOUT else "old"
        """
    )
    silent = _example(
        """
        import flags

        def page(request):
            return "new" if flags.is_on("new-checkout") else "old"
        """
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, each in _evaluations(snapshot):
            if each.site.import_time and not each.site.is_fixed:
                message = "is read when the module is imported: a running process never sees it switched"
                yield self.finding(flag.key, each.location, message, "ask in the function that acts on the answer")


class RepeatedEvaluation(Rule):
    """A flag that is asked twice on one path through a function, with the same arguments.

    Why: it may be switched between the two. The request then does half of the one thing and half of the other: a state
    that nobody tested.

    Opt-in for now: all of its seventeen findings on real code were worth a change, but in five repositories only.

    What to do: ask once, keep the answer in a variable and use that.
    """

    code = "FLG304"
    name = "repeated-evaluation"
    severity = Severity.WARNING
    is_default = False
    reads_code = True
    fires = _example(
        """
        import flags

        def page(user):
            price = new_price(user) if flags.is_on("new-checkout", user) else old_price(user)
            template = "new.html" if flags.is_on("new-checkout", user) else "old.html"
            return price, template
        """
    )
    silent = _example(
        """
        import flags

        def page(user):
            is_new = flags.is_on("new-checkout", user)
            price = new_price(user) if is_new else old_price(user)
            return price, "new.html" if is_new else "old.html"
        """
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, each in _evaluations(snapshot):
            if each.site.repeats is not None and not each.site.is_fixed:
                message = f"is asked again here, after line {each.site.repeats}: the two answers may differ"
                yield self.finding(flag.key, each.location, message, "ask once and keep the answer in a variable")


class EvaluationInLoop(Rule):
    """A flag that is asked on every turn of a loop, although nothing in the question changes.

    Why: half of the items may be treated in the one way and half in the other, and every turn pays for the question.

    Opt-in: most of its findings on real code would be acted on, but not nine in ten: a loop of three turns that sends
    mails can afford the question.

    What to do: ask before the loop. A loop that waits, that runs until the flag is switched or that goes from tenant to
    tenant has to ask again, and is left alone; so is one that the flag ends, by `break` or `return`.
    """

    code = "FLG305"
    name = "evaluation-in-loop"
    severity = Severity.INFO
    is_default = False
    reads_code = True
    fires = _example(
        """
        import flags

        def total(user, items):
            prices = []
            for item in items:
                prices.append(new_price(item) if flags.is_on("new-checkout", user) else item.price)
            return sum(prices)
        """
    )
    silent = _example(
        """
        import flags

        def invite(users):
            return [user for user in users if flags.is_on("new-checkout", user)]
        """
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, each in _evaluations(snapshot):
            if each.site.in_loop and not each.site.is_fixed:
                message = "is asked on every turn of a loop"
                yield self.finding(flag.key, each.location, message, "ask once, before the loop")


class NestedFlags(Rule):
    """A flag that is asked only where another flag is on, or only where it is off.

    Why: each flag under another one doubles the number of states that a user can be in, and few of these are tested.
    When the outer flag is removed, the inner one has to be understood again.

    Opt-in: of its findings on real code six in ten would be acted on, by `depends_on`. The others were settings that
    happen to be read there.

    What to do: finish the outer flag first, or ask them apart. Where the one needs the other, write that down under
    `depends_on`; the rule is then silent. Alternatives in a chain of `elif` are not nested, nor are flags that one
    condition asks together.
    """

    code = "FLG306"
    name = "nested-flags"
    severity = Severity.INFO
    is_default = False
    reads_code = True
    fires = _example(
        """
        import flags

        def page(user):
            if flags.is_on("new-checkout", user):
                if flags.is_on("gift-cards", user):
                    return "checkout with gift cards"
                return "checkout"
            return "cart"
        """,
        "key: new-checkout\n---\nkey: gift-cards\n",
    )
    silent = _example(
        """
        import flags

        def page(user):
            if flags.is_on("new-checkout", user):
                if flags.is_on("gift-cards", user):
                    return "checkout with gift cards"
                return "checkout"
            return "cart"
        """,
        "key: new-checkout\n---\nkey: gift-cards\ndepends_on: [new-checkout]\n",
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        by_name = {name: flag for flag in snapshot.flags for name in flag.names}
        for flag, each in _evaluations(snapshot):
            outer = [key for key in each.site.under if not _are_tied(flag, by_name.get(key, Flag(key, flag.first)))]
            if outer:
                message = f"is asked only as {' and '.join(outer)} decide{'s' if len(outer) == 1 else ''}"
                hint = f"write `depends_on: [{', '.join(outer)}]`"
                stays = by_name[outer[0]].is_standing if outer[0] in by_name else False
                hint = hint if stays else f"finish {outer[0]} first, or {hint}"
                yield self.finding(flag.key, each.location, message, hint)


def _are_tied(one: Flag, other: Flag) -> bool:
    """Whether it is written down that the one needs the other."""
    return not (set(one.depends_on).isdisjoint(other.names) and set(other.depends_on).isdisjoint(one.names))


class KillSwitchDoesNotKill(Rule):
    """A kill switch both sides of which make the same calls: the side that is to shut off still does the work.

    It fires where every call of the live side, with the same arguments, is also made on the killed one, and not only
    under a further condition. Calls that only build an answer, log or look something up do not count.

    Why: the switch is thrown in an incident, and nothing stops.

    Opt-in: no repository that it was tried on says which of its flags are kill switches.

    What to do: return, queue or answer with a default on the killed side. If the other side is the one to kill, correct
    `kills_when`.
    """

    code = "FLG307"
    name = "kill-switch-does-not-kill"
    severity = Severity.WARNING
    is_default = False
    reads_code = True
    fires = _example(
        """
        import flags

        def pay(order):
            if flags.is_on("new-checkout"):
                charge(order)
            else:
                log.warning("payments are off")
                charge(order)
        """,
        "key: new-checkout\nkill_switch: {kills_when: off}\n",
    )
    silent = _example(
        """
        import flags

        def pay(order):
            if flags.is_on("new-checkout"):
                charge(order)
            else:
                log.warning("payments are off")
                enqueue(order)
        """,
        "key: new-checkout\nkill_switch: {kills_when: off}\n",
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, each in _evaluations(snapshot):
            if flag.kill_switch is None:
                continue
            kills_when = flag.kill_switch.kills_when or "off"
            for branch in each.site.branches:
                if work := _still_done(branch, kills_when):
                    where = "" if branch.line == each.location.line else f", at line {branch.line}"
                    message = f"is a kill switch, and what it kills when it is {kills_when} still calls {work}{where}"
                    hint = "shut it off on that side, or correct `kill_switch.kills_when`"
                    yield self.finding(flag.key, each.location, message, hint)


def _still_done(branch: Branch, kills_when: str) -> str | None:
    """The first call of the live side, if all that does some work is also called on the killed side."""
    live, killed, is_sure = {
        "off": (branch.on_calls, branch.off_always, branch.is_sure_off),
        "on": (branch.off_calls, branch.on_always, branch.is_sure_on),
    }.get(kills_when, ((), (), False))
    work = [call for call in live if _is_work(call)]
    return work[0].partition("(")[0] if is_sure and work and set(work) <= set(killed) else None


_HANDY = re.compile(
    r"(?:append|as_view|capture|copy|count|decode|debug|encode|endswith|error|exception|extend|filter|first|format"
    r"|n?gettext(?:_lazy)?|incr|increment|info|items|join|jsonify|keys|log|lower|make_response|messages|redirect|render"
    r"|render_template|render_to_response|reverse|split|startswith|strip|update|upper|values|warn|warning)$"
)
_LOOKS_UP = re.compile(r"_?(?:get|is|has|can|should|to|as|build|make|format|render|serialize|log)_|_+$|get$")
_LOGS = re.compile(r"(?:self\.)?_?(?:log|logger|logging|messages|metrics|statsd|stats|sentry_sdk|tracer)\.")


def _is_work(call: str) -> bool:
    """Whether a call does something besides building an answer, logging and looking things up."""
    callee = call.partition("(")[0]
    name = callee.rpartition(".")[2]
    if not name or name[0].isupper() or hasattr(builtins, name) or _LOGS.match(callee.lower()):
        return False
    return not _HANDY.match(name) and not _LOOKS_UP.match(name)


class IdenticalBranches(Rule):
    """A flag whose two sides are the same code.

    Comments and layout do not count. A side that does nothing is the same as none.

    Why: it decides nothing. Either the change was never written, or one side was mended like the other and the flag was
    forgotten.

    Opt-in: it did not fire on the real code that it was tried on.

    What to do: remove the flag there, or write the side that is missing.
    """

    code = "FLG308"
    name = "identical-branches"
    severity = Severity.WARNING
    is_default = False
    reads_code = True
    fires = _example(
        """
        import flags

        def page(user):
            if flags.is_on("new-checkout", user):
                return render("checkout.html")
            else:
                return render("checkout.html")
        """
    )
    silent = _example(
        """
        import flags

        def page(user):
            if flags.is_on("new-checkout", user):
                return render("checkout.html")
            else:
                return render("cart.html")
        """
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, each in _evaluations(snapshot):
            for branch in each.site.branches:
                if branch.is_same:
                    where = "here" if branch.line == each.location.line else f"at line {branch.line}"
                    message = f"decides nothing {where}: both sides are the same code"
                    yield self.finding(flag.key, each.location, message, "remove the flag, or write the other side")


def _evaluations(snapshot: Snapshot) -> Iterator[tuple[Flag, Reference]]:
    """Every place outside tests that asks for a declared flag."""
    for flag in snapshot.flags:
        for each in snapshot.references_by_flag.get(flag.key, ()):
            if each.role is Role.EVALUATION and not each.in_tests:
                yield flag, each
