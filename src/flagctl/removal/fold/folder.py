"""A visitor that folds expressions on its way up, by the rules of `expressions`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import libcst as cst

from flagctl.removal.fold.displays import fold_get, fold_subscript, fold_sum
from flagctl.removal.fold.expressions import (
    as_condition,
    fold_boolean,
    fold_call,
    fold_choice,
    fold_comparison,
    fold_not,
)
from flagctl.removal.fold.items import Item
from flagctl.removal.fold.spreads import items_in, opened
from flagctl.removal.values import Values


class ExpressionFolder(cst.CSTTransformer):
    """Folds the expressions of which `values` knows a part."""

    def __init__(self) -> None:
        super().__init__()
        self.values = Values()
        self.imported: Mapping[str, str] = {}
        """Where the names that are imported come from."""
        self._spreads: dict[cst.CSTNode, Sequence[Item]] = {}
        """What items that came to be written out have in them."""

    def leave_UnaryOperation(
        self, original_node: cst.UnaryOperation, updated_node: cst.UnaryOperation
    ) -> cst.BaseExpression:
        return fold_not(updated_node, self.values)

    def leave_BooleanOperation(
        self, original_node: cst.BooleanOperation, updated_node: cst.BooleanOperation
    ) -> cst.BaseExpression:
        return fold_boolean(updated_node, self.values)

    def leave_IfExp(self, original_node: cst.IfExp, updated_node: cst.IfExp) -> cst.BaseExpression:
        return fold_choice(updated_node, self.values)

    def leave_Comparison(self, original_node: cst.Comparison, updated_node: cst.Comparison) -> cst.BaseExpression:
        return fold_comparison(updated_node, self.values)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        node = fold_call(opened(updated_node, self._spreads, self.values), self.values)
        return fold_get(node, self.values) if isinstance(node, cst.Call) else node

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        return fold_subscript(updated_node, self.values)

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BaseExpression:
        return fold_sum(original_node, updated_node, self.values)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        if isinstance(updated_node.value, cst.Integer) and not updated_node.value.lpar:
            return updated_node.with_changes(value=self.values.enclosed(updated_node.value))
        return updated_node

    # --- spreads ---

    def leave_StarredElement(
        self, original_node: cst.StarredElement, updated_node: cst.StarredElement
    ) -> cst.StarredElement:
        self._note_spread(original_node, updated_node)
        return updated_node

    def leave_StarredDictElement(
        self, original_node: cst.StarredDictElement, updated_node: cst.StarredDictElement
    ) -> cst.BaseDictElement:
        self._note_spread(original_node, updated_node)
        return updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        self._note_spread(original_node, updated_node)
        return updated_node

    def _note_spread(self, original: cst.CSTNode, node: cst.CSTNode) -> None:
        items = items_in(original, node)
        if items is not None:
            self._spreads[node] = items

    def leave_List(self, original_node: cst.List, updated_node: cst.List) -> cst.BaseExpression:
        return opened(updated_node, self._spreads, self.values)  # type: ignore[no-any-return]

    def leave_Tuple(self, original_node: cst.Tuple, updated_node: cst.Tuple) -> cst.BaseExpression:
        return opened(updated_node, self._spreads, self.values)  # type: ignore[no-any-return]

    def leave_Set(self, original_node: cst.Set, updated_node: cst.Set) -> cst.BaseExpression:
        return opened(updated_node, self._spreads, self.values)  # type: ignore[no-any-return]

    def leave_Dict(self, original_node: cst.Dict, updated_node: cst.Dict) -> cst.BaseExpression:
        return opened(updated_node, self._spreads, self.values)  # type: ignore[no-any-return]

    # --- conditions and texts ---

    def leave_CompFor(self, original_node: cst.CompFor, updated_node: cst.CompFor) -> cst.CompFor:
        conditions = []
        for each in updated_node.ifs:
            test = as_condition(each.test, self.values)
            known = self.values.of(test)
            if known is None or not known.value:
                conditions.append(each if test is each.test else each.with_changes(test=test))
        return updated_node.with_changes(ifs=conditions)

    def leave_FormattedStringExpression(
        self, original_node: cst.FormattedStringExpression, updated_node: cst.FormattedStringExpression
    ) -> cst.BaseFormattedStringContent:
        known = self.values.of(updated_node.expression)
        is_plain = updated_node.conversion is None and updated_node.format_spec is None and updated_node.equal is None
        if known is None or not is_plain or not _fits(str(known.value)):
            return updated_node
        return cst.FormattedStringText(str(known.value))

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        self.values.quote = '"'
        texts = [each.value for each in updated_node.parts if isinstance(each, cst.FormattedStringText)]
        if len(texts) < len(updated_node.parts) or len(updated_node.start) < 2:
            return updated_node
        text = "".join(texts).replace("{{", "{").replace("}}", "}")
        start = updated_node.start.replace("f", "").replace("F", "")
        string = cst.SimpleString(f"{start}{text}{updated_node.end}", updated_node.lpar, updated_node.rpar)
        return self.values.picked(string)


def _fits(text: str) -> bool:
    """Whether a text may stand in any string as it is."""
    return text.isprintable() and not _SPECIAL.search(text)


_SPECIAL = re.compile(r"""["'{}\\]""")
