import Testing

@testable import Agent

@Suite struct PasswordHashTests {
    /// Published test vectors of bcrypt (OpenBSD, jBCrypt), the example of Prometheus' documentation, and hashes that
    /// libxcrypt made for Python's `crypt`.
    @Test(arguments: [
        ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("test", "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"),
        ("hunter2 pass", "$2y$04$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS"),
        ("p\u{E4}ssw\u{F6}rd", "$2y$10$abcdefghijklmnopqrstuunYspUDVwxKwnshT7FzjzjwI57RV2KKa"),
    ])
    func thePasswordMatches(_ password: String, _ hash: String) {
        #expect(PasswordHash.isUsable(hash))
        #expect(PasswordHash.matches(password, hash))
        #expect(!PasswordHash.matches(password + "x", hash) && !PasswordHash.matches("x" + password, hash))
        #expect(!PasswordHash.matches(password + "\0", hash))
    }

    /// bcrypt reads 72 bytes.
    @Test func theRestOfALongPasswordDoesNotCount() {
        let hash = "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i"
        #expect(PasswordHash.matches(String(repeating: "x", count: 80), hash))
        #expect(PasswordHash.matches(String(repeating: "x", count: 72), hash))
        #expect(!PasswordHash.matches(String(repeating: "x", count: 71), hash))
        // Longer than any system takes.
        #expect(!PasswordHash.matches(String(repeating: "x", count: 1 << 20), hash))
    }

    @Test(arguments: [
        "", "secret", "$1$salt$hash", "$2y$04$short", "$2x$04$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS",
        "$2y$03$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS",
        "$2y$15$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS",
        "$2y$+4$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS",
        "$2y$04$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.H:",
        "$6$abcdefghijklmnop$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ",
    ])
    func otherHashesAreRefused(_ hash: String) {
        #expect(!PasswordHash.isUsable(hash))
    }

    @Test func whatCannotBeHashedMatchesNothing() {
        #expect(!PasswordHash.matches("a", "") && !PasswordHash.matches("*0", "*0"))
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [1], true), ([1], [], false), ([1, 2], [1, 3], false), ([2, 1], [3, 1], false),
        ] as [([UInt8], [UInt8], Bool)])
    func bytesAreComparedAsAWhole(_ a: [UInt8], _ b: [UInt8], _ isSame: Bool) {
        #expect(PasswordHash.isSame(a, b) == isSame)
    }

    /// RFC 4648, section 10, and what is no Base64.
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
        ("Zm9vYmFy", "foobar"), ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"),
    ]) func base64IsDecoded(_ text: String, _ plain: String) {
        #expect(Base64.decode(text) == Array(plain.utf8))
    }

    @Test(arguments: [
        "Z", "Zm9vY", "Zm9v=", "Zg=", "Zg===", "Zm8==", "=", "====", "Zm9v YmFy", "Zm-_", "Zh==", "Zm9=", "Z=g=",
        "\u{E9}",
    ]) func otherTextIsNoBase64(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
