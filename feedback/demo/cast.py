"""The made-up part: the company, its departments and staff, customers' names, and what cases were about.

The company feeds people and rents cars to them, because that is what the real comments are about.
"""

from dataclasses import dataclass

SOURCE = "helpdesk"
# Cases that visitors make for themselves.
VISITORS = "demo-visitor"
COMPANY = "Harbour & Mill"
ZONE = "Europe/London"
PASSWORD = "answerback-demo"  # noqa: S105  # no secret: it stands on the page
INTEGRATION = "help-desk"
MANAGER = "manager"


@dataclass(frozen=True)
class Topic:
    """What a case may have been about, and how it ended, in one language."""

    subject: str
    resolution: str


@dataclass(frozen=True)
class Team:
    """A department of the demo. `group` is the assignment group of the real log that it stands for."""

    slug: str
    group: str
    english: str
    chinese: str
    # Of ten customers, how many write Chinese; as the comments that fit have it.
    chinese_customers: int
    product: str
    topics: dict[str, tuple[Topic, ...]]


TEAMS = (
    Team(
        "dining-room",
        "Group 70",
        "Dining room",
        "餐厅服务",
        4,
        "table service",
        {
            "en": (
                Topic("Dinner for four", "A new table and a dessert on the house"),
                Topic("Service at lunch", "The shift leader apologised at the table"),
                Topic("Our table on Saturday", "Everything was served in the end"),
            ),
            "zh-hans": (
                Topic("四人晚餐", "换了桌子，送了甜品"),
                Topic("午餐服务", "领班到桌前道歉"),
                Topic("周六的用餐", "菜已上齐"),
            ),
        },
    ),
    Team(
        "kitchen",
        "Group 25",
        "Kitchen",
        "厨房",
        5,
        "dish",
        {
            "en": (
                Topic("A dish sent back", "The dish was made again"),
                Topic("Wrong order at the table", "The right dish was brought"),
            ),
            "zh-hans": (Topic("退回的菜", "重新做了一份"), Topic("上错的菜", "换成了点的菜")),
        },
    ),
    Team(
        "counter",
        "Group 39",
        "Counter",
        "前台",
        4,
        "front desk",
        {
            "en": (
                Topic("Waiting for a table", "A table was found"),
                Topic("A question at the counter", "Answered"),
            ),
            "zh-hans": (Topic("等位", "已安排座位"), Topic("前台咨询", "已答复")),
        },
    ),
    Team(
        "bookings",
        "Group 24",
        "Bookings",
        "预订",
        2,
        "booking",
        {
            "en": (
                Topic("Your booking", "The booking was found"),
                Topic("A changed booking", "Moved to the new time"),
            ),
            "zh-hans": (Topic("您的预订", "已找到预订"), Topic("更改预订", "已改到新的时间")),
        },
    ),
    Team(
        "billing",
        "Group 23",
        "Billing",
        "账务",
        4,
        "invoice",
        {
            "en": (Topic("Your bill", "The bill was explained"), Topic("A charge", "The charge was checked")),
            "zh-hans": (Topic("账单问题", "已说明账单"), Topic("一笔收费", "已核对收费")),
        },
    ),
    Team(
        "workshop",
        "Group 64",
        "Workshop",
        "维修车间",
        1,
        "rental car",
        {
            "en": (
                Topic("Repair of your car", "The part was replaced"),
                Topic("A car exchanged", "Another one given"),
            ),
            "zh-hans": (Topic("租车维修", "已更换零件"), Topic("更换车辆", "已换车")),
        },
    ),
    Team(
        "delivery",
        "Group 73",
        "Delivery",
        "配送",
        2,
        "delivery",
        {
            "en": (Topic("Your delivery", "Delivered"), Topic("Pick-up and shuttle", "The shuttle was sent")),
            "zh-hans": (Topic("您的外卖", "已送达"), Topic("取餐", "已取餐")),
        },
    ),
    Team(
        "car-hire",
        "Group 28",
        "Car hire",
        "租车柜台",
        1,
        "rental",
        {
            "en": (
                Topic("Picking up your car", "Handed over"),
                Topic("Returning your car", "The return is done"),
            ),
            "zh-hans": (Topic("取车", "已交车"), Topic("还车", "已还车")),
        },
    ),
)
# Groups that are none of the departments, and `?`: kept as they come, and the fallback's.
ELSEWHERE = Team(
    "customer-care",
    "",
    "Customer care",
    "客户服务",
    3,
    "",
    {
        "en": (Topic("Your request", "Answered"), Topic("Your question", "Passed on and answered")),
        "zh-hans": (Topic("您的请求", "已答复"), Topic("您的问题", "已转交并答复")),
    },
)
BY_GROUP = {team.group: team for team in TEAMS}

# Owner, deputy, head: one of each for every department, in the order of TEAMS, the fallback's last.
STAFF = (
    ("Ines Okafor", "Tom Brandt", "Vera Lindqvist"),
    ("Marco Silva", "Lin Yue", "Vera Lindqvist"),
    ("Amy Walsh", "Jonas Weber", "Vera Lindqvist"),
    ("Priya Nair", "Ben Carter", "Vera Lindqvist"),
    ("Hugo Martin", "Zhou Min", "Daniel Osei"),
    ("Karl Jensen", "Rosa Diaz", "Daniel Osei"),
    ("Noor Haddad", "Pete Moran", "Daniel Osei"),
    ("Julia Novak", "Sam Reid", "Daniel Osei"),
    ("Clara Hughes", "Wei Chen", "Daniel Osei"),
)
MANAGER_NAME = "Maya Fischer"

# fmt: off
GIVEN = [
    "Ada", "Alan", "Bella", "Carl", "Dana", "Emil", "Fay", "Gina", "Hal", "Iris", "Jack", "Kim", "Leo", "Mia",
    "Nina", "Otto", "Paul", "Rita", "Sean", "Tess", "Uma", "Vic", "Will", "Yara", "Zoe", "Abel", "Cora",
    "Dean", "Elsa", "Finn",
]
FAMILY = [
    "Adams", "Baker", "Clark", "Diaz", "Evans", "Foster", "Green", "Hayes", "Irwin", "Jones", "Keller",
    "Lopez", "Mason", "Norris", "Owens", "Parker", "Quinn", "Ross", "Stone", "Turner", "Upton", "Vance",
    "Wells", "Young", "Abbott", "Burns", "Cole", "Drake", "Ellis", "Frost",
]
FAMILY_ZH = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN_ZH = [
    "晓明", "文静", "子轩", "雨桐", "志强", "丽华", "建国", "思远", "佳怡", "浩然",
    "欣悦", "国栋", "美玲", "俊杰", "晨曦", "海燕", "一鸣", "若溪", "天宇", "静怡",
]

# Numbers that are kept for fiction in the North American plan: 555-0100 to 555-0199. They reach nobody.
AREAS = ("212", "202", "312", "415", "617")
VISITORS_AREAS = (
    "206", "213", "214", "215", "303", "305", "404", "503", "504", "512", "602", "702", "713", "720", "808",
)
# fmt: on


def username(name: str) -> str:
    """`Ines Okafor` signs in as `ines`."""
    return name.split()[0].lower()
