//! Whom the preview answers: its own host names, and scripts that came from itself. Pure.
//!
//! A page of another site can send requests to this machine. What it cannot choose is the `Host` of a name it does not
//! own, and the `Origin` its scripts are sent with; so both are compared with the names this preview was started for.

use super::request::Request;

/// The names the preview answers to.
#[derive(Clone, Debug)]
pub struct Hosts {
    port: u16,
    allowed: Vec<String>,
}

/// Names of this machine alone.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Why a name cannot be allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host name; write a name such as `desk.example`, or an IP address, without scheme, port and path")]
pub struct BadHost(pub String);

impl Hosts {
    /// The loopback names at a port, and names of the user's choice at any port.
    ///
    /// # Errors
    /// When a name is none.
    pub fn new(port: u16, names: &[String]) -> Result<Self, BadHost> {
        let allowed =
            names.iter().map(|name| normal(name).ok_or_else(|| BadHost(name.clone()))).collect::<Result<_, _>>()?;
        Ok(Hosts { port, allowed })
    }

    /// Tells whether a `Host` header names this preview.
    pub fn admit(&self, host: &str) -> bool {
        let (name, port) = split(host);
        let name = name.to_ascii_lowercase();
        let own = match port {
            None => true,
            Some(port) => port == self.port.to_string(),
        };
        let digits = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
        own && LOOPBACK.contains(&name.as_str()) || digits && self.allowed.contains(&name)
    }

    /// Tells whether a request comes from a page of this preview, as far as the browser says where it comes from.
    ///
    /// A request without `Origin` and `Sec-Fetch-Site` comes from no page of a browser: those send at least one of
    /// them with scripts and forms.
    pub fn from_itself(&self, request: &Request) -> bool {
        let origin = match &request.origin {
            None => true,
            Some(origin) => {
                let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
                rest.is_some_and(|authority| authority.eq_ignore_ascii_case(&request.host))
            }
        };
        let site = request.fetch_site.as_deref().is_none_or(|site| matches!(site, "same-origin" | "none"));
        origin && site
    }
}

/// The name and the port of an authority; the name of an IPv6 address keeps its brackets.
fn split(host: &str) -> (&str, Option<&str>) {
    let end = if host.starts_with('[') { host.find(']').map_or(host.len(), |at| at + 1) } else { 0 };
    match host[end..].find(':') {
        Some(at) => (&host[..end + at], Some(&host[end + at + 1..])),
        None => (host, None),
    }
}

/// A name as it is compared; IPv6 addresses get their brackets.
fn normal(name: &str) -> Option<String> {
    if let Ok(address) = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        let usable = !address.is_unspecified() && !address.is_multicast();
        return usable.then(|| if address.is_ipv6() { format!("[{address}]") } else { address.to_string() });
    }
    let label = |label: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        edge(label.chars().next())
            && edge(label.chars().last())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    (name.len() < 254 && name.split('.').all(label)).then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::request::{Head, parse};
    use super::*;

    fn hosts(names: &[&str]) -> Hosts {
        Hosts::new(8080, &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn answers_to_its_own_names_only() {
        let own = hosts(&[]);
        for good in ["localhost", "localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]"] {
            assert!(own.admit(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost:8081",
            "localhost:",
            "localhost.evil.example:8080",
            "xlocalhost:8080",
            "localhost:8080@evil.example",
            "localhost:8080.evil.example",
            "evil.example#localhost:8080",
            "[::1",
            "[::1]x:8080",
            "0.0.0.0:8080",
            "localhost.:8080",
        ] {
            assert!(!own.admit(bad), "{bad}");
        }
    }

    #[test]
    fn answers_to_allowed_names_at_any_port() {
        let hosts = hosts(&["Desk.Example", "192.168.1.5", "fd00::7"]);
        for good in ["desk.example", "desk.example:443", "192.168.1.5:8080", "[fd00::7]:8080"] {
            assert!(hosts.admit(good), "{good}");
        }
        assert!(!hosts.admit("desk.example:x") && !hosts.admit("a.desk.example"));
    }

    #[test]
    fn refuses_names_that_are_none() {
        for bad in ["", "*", "http://a", "a:80", "a/b", "0.0.0.0", "::", "a..b", "-a", "a b", "名"] {
            assert!(Hosts::new(1, &[bad.to_owned()]).is_err(), "{bad}");
        }
    }

    #[test]
    fn knows_its_own_scripts() {
        let own = hosts(&["desk.example"]);
        let ask = |host: &str, lines: &str| {
            let Head::Whole(request, _) = parse(format!("GET / HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n").as_bytes())
            else {
                panic!()
            };
            own.from_itself(&request)
        };
        assert!(ask("localhost:8080", "Origin: http://localhost:8080\r\n"));
        assert!(ask("desk.example", "Origin: https://desk.example\r\nSec-Fetch-Site: same-origin\r\n"));
        assert!(ask("localhost:8080", ""));
        for bad in [
            "Origin: null\r\n",
            "Origin: http://evil.example\r\n",
            "Origin: http://localhost:8081\r\n",
            "Origin: localhost:8080\r\n",
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\n",
        ] {
            assert!(!ask("localhost:8080", bad), "{bad}");
        }
    }
}
