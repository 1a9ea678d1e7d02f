import Testing

@testable import MeteringHTTP

@Suite struct RedfishOriginTests {
    @Test(arguments: ["bmc", "https://", "https://user:pw@bmc", "https://bmc/redfish/v1", "ftp://bmc", "https://b mc"])
    func whatIsNoAddressIsRefused(_ url: String) {
        #expect(!RedfishSettings.isValid(url: url))
        #expect(RedfishSettings.isValid(url: "https://bmc.example.com:8443"))
    }

    @Test(arguments: [
        ("/redfish/v1/Chassis/1", "/redfish/v1/Chassis/1"), ("/c/1/Power#/PowerControl/0", "/c/1/Power"),
        ("https://BMC.example.com/c", "/c"), ("https://bmc.example.com:443/c?$skip=1", "/c?$skip=1"),
        ("//bmc.example.com/c", "/c"), ("https://bmc.example.com", "/"), ("1/", "/redfish/v1/1/"),
        ("/a b\u{E9}", "/a%20b%C3%A9"), ("?$skip=1", "/redfish/v1/Chassis?$skip=1"),
        ("Chassis?$skip=1", "/redfish/v1/Chassis?$skip=1"), ("../v1/Chassis?a=../b", "/redfish/v1/Chassis?a=../b"),
        ("/redfish/./v1/x/../Chassis", "/redfish/v1/Chassis"), ("../../../../c", "/c"), ("..", "/redfish/"),
        ("https://bmc.example.com/a/../c", "/c"), ("./1", "/redfish/v1/1"), ("/..a/.b/c..", "/..a/.b/c.."),
        ("/a\r\nX: y", "/a%0D%0AX:%20y"),
    ])
    func linksWithinTheService(_ link: String, _ path: String) throws {
        let origin = try #require(RedfishOrigin("https://bmc.example.com"))
        #expect(origin.target(of: link, from: "/redfish/v1/Chassis") == .path(path))
    }

    @Test(arguments: [
        ("http://bmc.example.com/c", "http://bmc.example.com"), ("https://bmc.example.com:8443/c", "bmc.example.com"),
        ("https://evil/c", "evil"), ("//evil/c", "evil"), ("https://bmc.example.com.evil/c", "bmc.example.com.evil"),
    ])
    func linksElsewhere(_ link: String, _ host: String) throws {
        let origin = try #require(RedfishOrigin("https://bmc.example.com"))
        #expect(origin.target(of: link, from: "/") == .elsewhere(host))
    }

    @Test(arguments: [
        "", "#x", "https://bmc.example.com@evil/c", "file:///etc/passwd", "https://bmc.example.com:0/", "gopher://x/",
    ])
    func linksToNowhere(_ link: String) throws {
        let origin = try #require(RedfishOrigin("https://bmc.example.com"))
        #expect(origin.target(of: link, from: "/") == .invalid)
        #expect(origin.target(of: "/" + String(repeating: "x", count: 4096), from: "/") == .invalid)
    }

    @Test(arguments: [
        ("https://bmc", "bmc", 443), ("http://[::1]:8080", "[::1]", 8080), ("http://10.0.0.1/x", "10.0.0.1", 80),
    ])
    func origins(_ url: String, _ host: String, _ port: Int) throws {
        let origin = try #require(RedfishOrigin(url))
        #expect(origin.host == host && origin.port == port)
    }
}
