import { Link } from '../router/link.js';

export function UnknownPage() {
  return (
    <div className="empty">
      <h1>Page not found</h1>
      <Link to="/">All nodes</Link>
    </div>
  );
}
