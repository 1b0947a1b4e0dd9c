"""A visitor that folds expressions on its way up, by the rules of `expressions`."""

from __future__ import annotations

import re

import libcst as cst

from flagctl.removal.expressions import (
    as_condition,
    fold_boolean,
    fold_call,
    fold_choice,
    fold_comparison,
    fold_not,
)
from flagctl.removal.values import Values


class ExpressionFolder(cst.CSTTransformer):
    """Folds the expressions of which `values` knows a part."""

    def __init__(self) -> None:
        super().__init__()
        self.values = Values()

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
        return fold_call(updated_node, self.values)

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
        text = str(known.value) if known is not None else ""
        if not is_plain or not _WORDS.fullmatch(text):
            return updated_node
        return cst.FormattedStringText(text)

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        self.values.quote = '"'
        texts = [each.value for each in updated_node.parts if isinstance(each, cst.FormattedStringText)]
        if len(texts) < len(updated_node.parts) or len(updated_node.start) < 2:
            return updated_node
        text = "".join(texts).replace("{{", "{").replace("}}", "}")
        start = updated_node.start.replace("f", "").replace("F", "")
        return cst.SimpleString(f"{start}{text}{updated_node.end}", updated_node.lpar, updated_node.rpar)


_WORDS = re.compile(r"[\w .,:;/+-]+")
"""What may stand in any string as it is."""
