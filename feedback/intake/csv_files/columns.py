"""Which column holds what: headers as help desks write them, matched to the fields of the API."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedback.intake.csv_files.trouble import Misuse
from feedback.intake.fields import CASE_FIELDS, CUSTOMER_FIELDS

FIELDS = (
    *(name for name in CASE_FIELDS if name != "customer"),
    *(f"customer.{name}" for name in CUSTOMER_FIELDS),
)
TIMES = ("opened_at", "resolved_at", "occurred_at")
LINE, WHY = "rejected line", "rejected why"
"""The two columns that a rejects file has before the others. Read again, they say nothing."""

# Best first: where a file has several of them, the first is meant. ServiceNow, Zendesk, Jira, Freshdesk, BMC; Chinese
# ticket systems. How a name is written (case, blanks, dots, underscores) does not matter.
_ALIASES: dict[str, str] = {
    "source": "source system|来源系统",
    "external_id": "number|case number|case id|ticket id|ticket number|ticket no|ticket|issue key|incident number"
    "|incident id|incident|request number|sr number|case no|key|unique key|message id|id"
    "|工单号|工单编号|工单id|案件编号|受理编号|流水号|编号|单号",
    "status": "state|incident state|case status|ticket status|状态|工单状态|处理状态|案件状态",
    "subject": "short description|summary|title|headline|标题|主题|工单标题|问题|问题描述",
    "department": "assignment group|assigned group|group|team|queue|support group|involved st"
    "|部门|处理部门|责任部门|受理部门|承办单位|处理组",
    "served_by": "assigned to|assignee|agent|owner|resolved by|处理人|经办人|受理人|坐席|客服",
    "product": "product name|configuration item|cmdb ci|产品|商品|产品名称|商品名称|产品型号",
    "order_ref": "order|order number|order no|order id|订单|订单号|订单编号",
    "channel": "contact type|via|submitted via|contact method|渠道|来源渠道|受理渠道|联系方式类型",
    "opened_at": "opened|created at|created|created date|date created|creation date|sys created on|sys created at"
    "|sent at|创建时间|受理时间|提交时间|建单时间|留言时间",
    "resolved_at": "resolved|solved at|resolution date|resolved date|date resolved|closed at|closed|closed date"
    "|date closed|completed at|replied at|解决时间|办结时间|完成时间|结案时间|关闭时间|答复时间",
    "resolution": "resolution notes|close notes|resolution description|solution|resolution text|reply"
    "|解决方案|处理结果|处理意见|答复|答复意见|答复内容",
    "occurred_at": "updated at|updated|sys updated on|sys updated at|last updated|last modified|date modified"
    "|change date time|modified|更新时间|最后更新时间|修改时间|变更时间",
    "sequence": "sys mod count|序号版本",
    "customer.external_id": "customer id|customer number|client id|caller id|caller|requester external id|requester id"
    "|reporter id|contact id|account number|user id|user|客户编号|客户号|客户id|用户编号|用户id|留言用户",
    "customer.name": "customer|customer name|caller name|requester name|requester|reporter|contact name|client"
    "|client name|caller id name|客户|客户姓名|客户名称|姓名|联系人|用户|用户姓名",
    "customer.language": "language|locale|语言",
    "customer.time_zone": "time zone|timezone|时区",
    "customer.email": "email|e-mail|email address|mail|requester email|caller email|caller id email|reporter email"
    "|contact email|邮箱|电子邮箱|电子邮件|邮件",
    "customer.phone": "phone|phone number|mobile|mobile phone|cell phone|telephone|caller phone|caller id phone"
    "|caller id mobile phone|requester phone|contact phone|手机|手机号|手机号码|电话|联系电话|电话号码",
}


def plain(name: str) -> str:
    """A header without what says nothing: case, blanks, punctuation, full-width forms."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))


_RANK: dict[str, tuple[str, int]] = {}
for _field in FIELDS:
    for _rank, _alias in enumerate([_field, *_ALIASES[_field].split("|")]):
        _RANK.setdefault(plain(_alias), (_field, _rank))


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header was understood as. ``used``: field → index of its column."""

    header: tuple[str, ...]
    used: dict[str, int]
    ignored: tuple[str, ...]
    missing: tuple[str, ...]
    from_rejects: bool

    @property
    def kept(self) -> tuple[str, ...]:
        """The header without the columns of an earlier rejects file."""
        return self.header[2:] if self.from_rejects else self.header

    def explained(self) -> Iterable[str]:
        """Say what was understood, ignored and missed, a line each."""
        for field in FIELDS:
            if field in self.used:
                yield f"  {field:<22} from “{self.header[self.used[field]]}”"
        yield f"  ignored: {', '.join(self.ignored) or 'nothing'}"
        yield f"  missing: {', '.join(self.missing) or 'nothing'}"


def known(header: Sequence[str]) -> int:
    """How many names of a header are understood."""
    return sum(plain(name) in _RANK for name in header)


def understand(header: Sequence[str], said: Sequence[str], *, source: str) -> Columns:
    """Find the column of each field.

    Args:
        said: what ``--map`` says, ``their header=our.field`` each; it outranks what names suggest. Without a field
            (``their header=``) the column is ignored.
        source: what ``--source`` says; a column is looked at only where it says nothing.

    Raises:
        Misuse: ``--map`` names what is not there, or a column is missing without which nothing can be read.
    """
    explicit = _said(header, said)
    best: dict[str, tuple[int, int]] = {}
    for index, name in enumerate(header):
        if index in explicit or name in (LINE, WHY) or (found := _RANK.get(plain(name))) is None:
            continue
        field, rank = found
        if field not in best or rank < best[field][0]:
            best[field] = (rank, index)
    used = {field: index for field, (_rank, index) in best.items()}
    used |= {field: index for index, field in explicit.items() if field}
    if source:
        used.pop("source", None)
    ignored = [
        name for index, name in enumerate(header) if index not in used.values() and name not in (LINE, WHY)
    ]
    missing = tuple(field for field in FIELDS if field not in used and not (field == "source" and source))
    columns = Columns(tuple(header), used, tuple(ignored), missing, tuple(header[:2]) == (LINE, WHY))
    _must_have(columns, source)
    return columns


def _said(header: Sequence[str], said: Sequence[str]) -> dict[int, str]:
    indexes: Mapping[str, int] = {plain(name): index for index, name in reversed(list(enumerate(header)))}
    explicit: dict[int, str] = {}
    for one in said:
        theirs, equals, ours = one.rpartition("=")
        ours = ours.strip()
        if not equals:
            raise Misuse(f'--map {one!r}: expected "their header=our.field"')
        if plain(theirs) not in indexes:
            raise Misuse(f"--map: there is no column {theirs.strip()!r}. There are: {', '.join(header)}")
        if ours and ours not in FIELDS:
            raise Misuse(f"--map: there is no field {ours!r}. There are: {', '.join(FIELDS)}")
        if ours and ours in explicit.values():
            raise Misuse(f"--map: two columns for {ours}")
        explicit[indexes[plain(theirs)]] = ours
    return explicit


def _must_have(columns: Columns, source: str) -> None:
    lacking = []
    if not source and "source" not in columns.used:
        lacking.append(
            'the name of the system that the cases come from: say --source NAME, for example "helpdesk"'
        )
    if "external_id" not in columns.used:
        lacking.append('a column with the number of the case: say --map "their header=external_id"')
    if "status" not in columns.used and "resolved_at" not in columns.used:
        lacking.append('a column with the status: say --map "their header=status"')
    if lacking:
        raise Misuse("\n".join(["This is missing:", *(f"- {one}" for one in lacking), *columns.explained()]))
