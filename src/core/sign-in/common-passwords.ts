/** Passwords that are tried first by anyone who guesses; all long enough to pass the length rule. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(`
00000000 01234567 012345678 0123456789 0987654321 11111111 11223344 112233445566 12121212 123123123 123321123
12341234 12344321 12345678 123456789 1234567890 123456789a 12345abc 12345qwert 1234abcd 1234qwer 123qweasd 13131313
147258369 159753456 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 22222222 33333333 44444444 55555555 66666666
741852963 77777777 789456123 87654321 88888888 987654321 99999999 a12345678 a123456789 a1b2c3d4 aa123456 abc12345
abcd1234 abcdefg1 abcdefgh access14 admin123 admin1234 adminadmin administrator alexander alexandra angel123
anthony1 arsenal1 asdf1234 asdfasdf asdfghjk asdfghjkl ashley12 autumn2025 azertyuiop babygirl babygirl1 barcelona
baseball baseball1 basketball batman123 beautiful benjamin blink182 butterfl butterfly changeme changeme1
changeme123 charlie1 cheese12 chelsea1 chocolate cocacola company1 computer computer1 computer123 cookie123
corvette daniel12 december default1 dragon12 dragon123 elizabeth facebook facebook1 ferrari1 flower123 football
football1 forever1 fortnite freedom1 friends1 google123 guest1234 harley12 hello123 hello1234 helloworld iloveyou
iloveyou1 iloveyou2 instagram internet jennifer jessica1 jonathan jordan23 letmein1 letmein123 linkedin liverpool
login123 lovelove lovely12 loveyou1 marlboro master12 master123 matrix123 matthew1 maverick mercedes metallica
michael1 michelle midnight minecraft minecraft1 monkey12 monkey123 mustang1 mysecret nicole12 nintendo november
october1 p@ssw0rd p@ssword passw0rd password password1 password12 password123 password1234 patrick1 playstation
pokemon1 princess princess1 q1w2e3r4 q1w2e3r4t5 qazwsxedc qwe12345 qweasdzxc qwer1234 qwerty12 qwerty123 qwerty1234
qwerty12345 qwertyui qwertyuiop qwertz123 robert12 roblox123 rockstar root1234 rootroot samantha samsung1 scorpion
secret12 secret123 september shadow12 shadow123 slipknot snowball spiderman spring2025 starwars starwars1
summer2024 summer2025 summer2026 sunshine sunshine1 superman superman1 swordfish temp1234 temporary test1234
testing1 testing123 testtest thomas12 toor1234 trustno1 victoria welcome1 welcome123 whatever whatever1 winter2024
winter2025 winter2026 yankees1 zaq12wsx zelda123 zxcvbnm1 zxcvbnm123
`.trim().split(/\s+/))
