// Reads a feed directly from Stream's API, with a token that the site renews.

const UNAUTHORIZED = [401, 403];

async function json(response) {
  if (!response.ok) throw response;
  return response.json();
}

// Returns the function that reads a feed within `bounds`, such as { id_lt: "…" }. Any failure
// rejects its promise.
export function reader({ url, apiKey, limit, token, tokenUrl }) {
  let currentToken = token;

  function request(bounds) {
    const query = new URLSearchParams({ api_key: apiKey, limit, ...bounds });
    return fetch(`${url}?${query}`, {
      headers: { Authorization: currentToken, "stream-auth-type": "jwt" },
      credentials: "omit",
    });
  }

  async function renewToken() {
    const answer = await json(await fetch(tokenUrl));
    currentToken = answer.token;
  }

  return async function read(bounds) {
    if (currentToken) {
      const response = await request(bounds);
      if (!UNAUTHORIZED.includes(response.status)) return json(response);
    }
    await renewToken();
    return json(await request(bounds));
  };
}
