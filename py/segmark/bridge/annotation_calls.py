"""What the page asks about finished annotations (methods `annotation.*` and `annotations.*`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmark.bridge.protocol import Request, Result

if TYPE_CHECKING:
    from segmark.bridge.dispatcher import Dispatcher


def annotation_reopen(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.reopen(request.get_int("id"))
    return Result()


def annotation_delete(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.delete_annotation(request.get_int("id"))
    return Result()


def annotation_split(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.split_annotation(request.get_int("id"))
    return Result()


def annotations_delete(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.delete_annotations(request.get_ints("ids"))
    return Result()


def annotations_merge(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.merge_annotations(request.get_ints("ids"))
    return Result()


def annotations_relabel(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.relabel_annotations(request.get_ints("ids"), request.get_int("label_id"))
    return Result()


def annotations_lock(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.lock_annotations(request.get_ints("ids"), request.get_truth("locked"))
    return Result()


def annotations_show(dispatcher: Dispatcher, request: Request) -> Result:
    dispatcher.session.show_annotations(request.get_ints("ids"), request.get_truth("visible"))
    return Result()
