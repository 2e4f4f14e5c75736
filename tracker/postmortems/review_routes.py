"""Reading a postmortem with others: reviewers, comments to an answer, approving, and the editions there were."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.validators import DataRequired

from tracker import clock, documents
from tracker.db import transaction
from tracker.forms import Form, choice, prose, reshow
from tracker.lookup import get_incident
from tracker.messages import Writer
from tracker.models import Person, PostmortemState, Role
from tracker.pages import moved_on, page, viewer
from tracker.postmortems import queries, review_operations, review_queries
from tracker.postmortems.blueprint import blueprint
from tracker.postmortems.differences import word_changes
from tracker.postmortems.editions import readable
from tracker.postmortems.reading import chapters_of
from tracker.postmortems.whys import tree_of
from tracker.queue import wake
from tracker.security import allow
from tracker.sent_forms import sent_once
from tracker.wiring import settings


class CommentForm(Form):
    text = prose("What do you want to say?", thing="your comment", required=True)


class ReviewerForm(Form):
    person = SelectField("Who should read it?", coerce=int, validators=[DataRequired("Choose a person.")])

    def offer(self, people: list[Person]) -> "ReviewerForm":
        self.person.choices = [choice(0, "Choose a person"), *(choice(one.id, one.name) for one in people)]
        return self


@blueprint.get("/<ref:ref>/postmortem/review")
@allow(Role.VIEWER)
def review(ref: str, form: Form | None = None) -> ResponseReturnValue:
    incident = get_incident(ref, viewer=viewer())
    postmortem = queries.get_postmortem(incident)
    saved = queries.answers_of(postmortem)
    outline = queries.outline_of(postmortem, own={key: one.heading for key, one in saved.items() if one.heading})
    typed = form if isinstance(form, CommentForm) else CommentForm(formdata=None)
    can_ask = viewer().can_respond and postmortem.state in review_operations.UNWRITTEN
    return page(
        "postmortems/review.html",
        form=form or typed,
        typed=typed,
        asked=request.form.get("question", "") if typed is form else None,
        reviewer_form=ReviewerForm(formdata=None).offer(queries.people_who_can_lead()) if can_ask else None,
        incident=incident,
        postmortem=postmortem,
        chapters=chapters_of(outline, {key: one.text for key, one in saved.items() if one.text}),
        entries=documents.entries_of([incident.id]).get(incident.id, []),
        whys=tree_of(queries.whys_of(postmortem)),
        factors=queries.factors_of(postmortem),
        items=documents.items_and_tickets_of([incident.id])[0].get(incident.id, []),
        comments=review_queries.comments_of(postmortem),
        reviewers=review_queries.reviewers_of(postmortem),
        written_at=max((one.saved_at for one in saved.values()), default=None),
    )


@blueprint.post("/<ref:ref>/postmortem/reviewers")
@allow(Role.RESPONDER)
@reshow(review)
def ask_reviewer(ref: str) -> ResponseReturnValue:
    people = {one.id: one for one in queries.people_who_can_lead()}
    form = ReviewerForm().offer(list(people.values()))
    form.check()
    with transaction():
        postmortem = queries.get_postmortem_to_change(get_incident(ref, viewer=viewer()))
        asked = people[form.person.data]
        review_operations.ask_reviewer(postmortem, asked, by=viewer(), writer=Writer(settings()), now=clock.utcnow())
    wake("mailing.deliver")
    told = "" if asked.id == viewer().id else " by mail"
    return moved_on(f"{asked.name} is asked to read it{told}. It waits on My work until it is approved.", to=_url(ref))


@blueprint.post("/<ref:ref>/postmortem/approve")
@allow(Role.RESPONDER)
@reshow(review)
def approve(ref: str) -> ResponseReturnValue:
    Form().check()
    with transaction():
        postmortem = queries.get_postmortem_to_change(get_incident(ref, viewer=viewer()))
        review_operations.approve(postmortem, by=viewer(), now=clock.utcnow())
    return moved_on("Thank you: it is approved.", to=_url(ref))


@blueprint.post("/<ref:ref>/postmortem/comments")
@allow(Role.RESPONDER)
@reshow(review)
def comment(ref: str) -> ResponseReturnValue:
    form, question = CommentForm(), request.form.get("question", "")
    form.check()
    with transaction():
        sent = sent_once(by=viewer(), now=clock.utcnow())
        postmortem = queries.get_postmortem(get_incident(ref, viewer=viewer()))
        review_operations.comment(postmortem, form.text.data or "", question=question, by=viewer(), now=clock.utcnow())
        sent.message, sent.to = "Your comment is there.", _url(ref, question)
    return moved_on(sent.message, to=sent.to)


@blueprint.post("/<ref:ref>/postmortem/comments/<int(max=2147483647):comment_id>/resolve")
@allow(Role.RESPONDER)
def resolve(ref: str, comment_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        row = review_queries.get_comment(queries.get_postmortem(get_incident(ref, viewer=viewer())), comment_id)
        review_operations.resolve(row, by=viewer(), now=clock.utcnow())
        question = row.question
    return moved_on("Resolved.", to=_url(ref, question))


@blueprint.post("/<ref:ref>/postmortem/comments/<int(max=2147483647):comment_id>/reopen")
@allow(Role.RESPONDER)
def reopen(ref: str, comment_id: int) -> ResponseReturnValue:
    Form().check()
    with transaction():
        row = review_queries.get_comment(queries.get_postmortem(get_incident(ref, viewer=viewer())), comment_id)
        review_operations.reopen(row)
        question = row.question
    return moved_on("It is open again.", to=_url(ref, question))


def _url(ref: str, question: str | None = None) -> str:
    anchor = None if question is None else f"q-{question or 'whole'}"
    return url_for("postmortems.review", ref=ref, _anchor=anchor)


@blueprint.get("/<ref:ref>/postmortem/editions")
@allow(Role.VIEWER)
def editions(ref: str) -> ResponseReturnValue:
    """Every time it was published and taken back."""
    incident = get_incident(ref, viewer=viewer())
    postmortem = queries.get_postmortem(incident)
    is_published = postmortem.state is PostmortemState.PUBLISHED
    found = review_queries.editions_of(postmortem)
    return page("postmortems/editions.html", incident=incident, editions=found, is_published=is_published)


@blueprint.get("/<ref:ref>/postmortem/editions/<int(max=2147483647):version>")
@allow(Role.VIEWER)
def edition(ref: str, version: int) -> ResponseReturnValue:
    """One edition as it was published, with what it changed."""
    incident = get_incident(ref, viewer=viewer())
    shown, before = review_queries.edition_and_the_one_before(queries.get_postmortem(incident), number=version)
    text = readable(shown.document)
    changes = word_changes(readable(before), text) if before else ()
    return page("postmortems/edition.html", incident=incident, edition=shown, text=text, changes=changes)
