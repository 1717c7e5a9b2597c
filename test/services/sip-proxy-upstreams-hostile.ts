const words = (text: string): string[] => text.split(' ')

/** Ids that people have asked such proxies for, and what has fooled parsers of URLs, a group for each kind of harm. */
export const hostile = [
  // Another host.
  words('1@evil 1@evil.com:443/ @evil.com evil.com@ 1:2@evil 1%40evil.com user:pw x.evil.com/#'),
  words('x.evil.com# x.evil.com? x.evil.com/ x.evil.com\\ evil.com:443/x //evil.com \\\\evil.com'),
  words('/\\evil.com https://evil.com wss://evil.com/ ws:evil .evil.com/# evil.com:8089/ws#'),
  words('evil.com:8089/ws? javascript:1 file:///etc/passwd'),
  // Another port or address.
  words('1:6379 1:6379/ 127.0.0.1:6379/? 127.0.0.1:6379/# :80 1:80# 1:99999 1:-1 [::1]:6379/?'),
  words('[::1] ::1 [::ffff:127.0.0.1] 127.0.0.1/ localhost/ 0/ 0x7f.1/ 2130706433/ 017700000001/'),
  words('169.254.169.254/latest/meta-data/? metadata.google.internal/'),
  // Another path.
  words('.. . ../ ..%2f %2e%2e %2e%2e%2f .%2e %252e%252e ..;/ ../../x /x ..\\ ..%5c %5c %2f a/b'),
  words('a?b=c a&b=c a#b a;b % %zz %00 %0d%0a'),
  // Lines, and what ends texts elsewhere.
  ['388\n', '\n388', '388\r\n', '388\r\nHost: evil', '388\u2028', '388\u0085', '388\0', '\0'],
  ['388\v', '388\f', '388\u007F', '388\u001B[2J', '388\b', '3\n88', '\r', '\n', '\t388'],
  // Digits, dots and letters of other scripts, and those that nobody sees.
  words('٣٨٨ ३८८ 38８ ３８８ 𝟑𝟖𝟖 ①②③ 388。evil 388．evil 388｡evil evil․com ⓔⓥⓘⓛ ｅｖｉｌ ß ſ'),
  words('℀ ㏇ ﬀ ／evil ＠evil ：80 ＃ ？ ％2e 💥 é'),
  ['\u212A', 'e\u0301', '\u200B388', '388\u200D', '388\u00AD', '\u202E883', '\uFEFF388'],
  ['\uD800', '\uDFFF388'],
  // Nothing, too much, and what means something where texts are filled in.
  ['', ' ', '   ', ' 388', '388 ', '3 88', '-1 OR 1=1', '<b onclick=x>', "' or ''='"],
  words('+388 388+ * ( $& $1 $` $\' $$ `id` {id} {id}{id} %7Bid%7D {user} ${id} {{id}} <id> "388"'),
  words('| ^ ~ 1;DROP'),
  ['1'.repeat(65), 'a'.repeat(1_000), '1'.repeat(100_000), `${'a.'.repeat(40)}evil`],
].flat()

/** Plain words that every object has something for. */
export const inherited = words(
  '__proto__ constructor toString hasOwnProperty prototype null undefined NaN',
)
