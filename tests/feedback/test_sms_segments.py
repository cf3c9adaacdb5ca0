import pytest

from feedback.channels.sms.segments import count


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("àÅ@£\n", "GSM-7", 5, 1),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        # 152 letters, then an escape and its character, which may not be parted: they begin the second message.
        ("a" * 152 + "€" + "a" * 151, "GSM-7", 305, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("ç", "UCS-2", 1, 1),
        ("修" * 70, "UCS-2", 70, 1),
        ("修" * 71, "UCS-2", 71, 2),
        ("修" * 134, "UCS-2", 134, 2),
        ("修" * 135, "UCS-2", 135, 3),
        ("🙂" * 35, "UCS-2", 70, 1),
        ("🙂" * 36, "UCS-2", 72, 2),
        # 66 units, then a pair that would be torn apart at 67.
        ("修" * 66 + "🙂" + "修" * 66, "UCS-2", 134, 3),
    ],
)
def test_segments_are_counted_as_networks_do(text, encoding, units, segments):
    size = count(text)
    assert (size.encoding, size.units, size.segments) == (encoding, units, segments)
