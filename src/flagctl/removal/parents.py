"""The way up from a node of a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from flagctl.scan.python.nodes import children, descendants

Parents = Mapping[cst.CSTNode, cst.CSTNode]
"""The node right above each, of all nodes below one."""


def parents_in(tree: cst.CSTNode) -> dict[cst.CSTNode, cst.CSTNode]:
    """The node above each node of a tree."""
    return {child: node for node in descendants(tree) for child in children(node)}


def around(node: cst.CSTNode | None, parents: Parents) -> Iterator[cst.CSTNode]:
    """A node and all above it, the innermost first."""
    while node is not None:
        yield node
        node = parents.get(node)


def class_around(node: cst.CSTNode, parents: Parents) -> cst.ClassDef | None:
    """The innermost class around a node."""
    return next((each for each in around(node, parents) if isinstance(each, cst.ClassDef)), None)


def function_around(node: cst.CSTNode, parents: Parents) -> cst.FunctionDef | None:
    """The innermost function around a node."""
    return next((each for each in around(node, parents) if isinstance(each, cst.FunctionDef)), None)


def scope_around(node: cst.CSTNode, parents: Parents) -> cst.FunctionDef | cst.ClassDef | None:
    """The function or class in which something is defined."""
    above = around(parents.get(node), parents)
    return next((each for each in above if isinstance(each, cst.FunctionDef | cst.ClassDef)), None)
