"""What real people wrote, by language, with the mood that each set's own labels give it, and the reasons that fit.

Every set is described in its SOURCE.md. Used in tests only: most of them may not be shipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.realdata.logs import rows

AIRLINE = {
    "Late Flight": "too_slow",
    "longlines": "too_slow",
    "Cancelled Flight": "not_fixed",
    "Lost Luggage": "not_fixed",
    "Damaged Luggage": "product_fault",
    "Bad Flight": "product_fault",
    "Customer Service Issue": "had_to_repeat",
    "Flight Booking Problems": "wrong_information",
    "Can't Tell": "other",
}
CARS = {
    "Product: Functioning": "product_fault",
    "Product: Availability/Variety/Size": "product_fault",
    "Product: Pricing and Billing": "charge",
    "Product: Information": "wrong_information",
    "Service: Orders/Contracts": "wrong_information",
    "Service: Knowledge": "wrong_information",
    "Service: Accessibility": "too_slow",
}
AUTO = {"安全性": "unsafe", "价格": "charge"}
MOST_OF_A_SET = 3000


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment. ``reasons`` are keys of the default survey; ``person``: it is about whoever served."""

    text: str
    language: str
    negative: bool
    reasons: tuple[str, ...] = ()
    person: bool = False


def read(data: Path) -> dict[tuple[str, bool], list[Comment]]:
    """Return all comments by (language, whether negative), set after set."""
    found: dict[tuple[str, bool], list[Comment]] = {}
    for of_one_set in (
        _nps,
        _airlines,
        _cars,
        _delivery,
        _hotels,
        _shopping,
        _restaurants,
        _owners,
        _citizens,
    ):
        for number, comment in enumerate(of_one_set(data)):
            if number == MOST_OF_A_SET:
                break
            if comment.text.strip():
                found.setdefault((comment.language, comment.negative), []).append(comment)
    return found


def replies(data: Path) -> dict[str, list[str]]:
    """What departments really answered, by language: material for those who report back."""
    return {
        "en": [
            row["resolution_description"]
            for row in rows(data / "requests_nyc311" / "requests.csv.gz")
            if row["resolution_description"].strip()
        ],
        "zh-hans": [
            row["reply"] for row in rows(data / "gov_messages_zh" / "replies.csv.gz") if row["reply"].strip()
        ],
    }


def _nps(data: Path) -> Iterator[Comment]:
    for row in rows(data / "nps_telecom" / "responses.csv.gz"):
        if row["NPS_RATING"] != "Passive":
            yield Comment(row["text"], "en", row["NPS_RATING"] == "Detractor")


def _airlines(data: Path) -> Iterator[Comment]:
    for row in rows(data / "airline_tweets" / "tweets.csv.gz"):
        if row["airline_sentiment"] != "neutral":
            reason = AIRLINE.get(row["negativereason"], "")
            person = row["negativereason"] == "Flight Attendant Complaints"
            negative = row["airline_sentiment"] == "negative"
            yield Comment(row["text"], "en", negative, (reason,) if reason else (), person)


def _cars(data: Path) -> Iterator[Comment]:
    for row in rows(data / "car_rental_feedback" / "feedback.csv.gz"):
        negative = row["Satisfaction"] == "0"
        reason = CARS.get(row["Business_Area"], "")
        person = row["Business_Area"] == "Service: Attitude"
        yield Comment(
            row["Customer_Service"],
            "en",
            negative,
            (reason,) if negative and reason else (),
            negative and person,
        )


def _delivery(data: Path) -> Iterator[Comment]:
    for row in rows(data / "waimai_reviews_zh" / "reviews.csv.gz"):
        yield Comment(row["review"], "zh-hans", row["label"] == "0")


def _hotels(data: Path) -> Iterator[Comment]:
    for row in rows(data / "hotel_reviews_zh" / "reviews.csv.gz"):
        yield Comment(row["review"], "zh-hans", row["label"] == "0")


def _shopping(data: Path) -> Iterator[Comment]:
    for number, row in enumerate(rows(data / "shopping_reviews_zh" / "reviews.csv.gz")):
        if number % 15 == 0:  # of all ten kinds of goods
            yield Comment(row["review"], "zh-hans", row["label"] == "0")


def _restaurants(data: Path) -> Iterator[Comment]:
    for row in rows(data / "meituan_stars_zh" / "reviews.csv.gz"):
        if row["star"] in ("1", "2", "5"):
            yield Comment(row["comment"], "zh-hans", row["star"] != "5")


def _owners(data: Path) -> Iterator[Comment]:
    for row in rows(data / "auto_topics_zh" / "comments.csv.gz"):
        if row["sentiment_value"] != "0":
            negative = row["sentiment_value"] == "-1"
            reason = AUTO.get(row["subject"], "product_fault")
            yield Comment(row["content"], "zh-hans", negative, (reason,) if negative else ())


def _citizens(data: Path) -> Iterator[Comment]:
    for row in rows(data / "gov_messages_zh" / "messages.csv.gz"):
        yield Comment(row["body"], "zh-hans", True, ("other",))
