/// Ids as runtimes and the kubelet make them.
enum Sample {
    static let id = "4f1de0c95ab2" + String(repeating: "07", count: 26)
    static let otherID = "a90b3c77d1ee" + String(repeating: "5c", count: 26)
    static let uid = "1b9f0c3e-77aa-4d21-9e10-c0ffee123456"
    static let escapedUID = "1b9f0c3e_77aa_4d21_9e10_c0ffee123456"
    static let staticUID = "00112233445566778899aabbccddeeff"
}
