import { Button } from '../../ui/button.js';

interface FollowButtonProps {
  readonly following: boolean;
  readonly newRows: number;
  readonly onFollow: () => void;
}

/** Shown while the end is not followed. */
export function FollowButton({ following, newRows, onFollow }: FollowButtonProps) {
  if (following) return undefined;
  return (
    <div className="follow-button">
      <Button look="primary" icon="arrowDown" onClick={onFollow}>
        {newRows > 0 ? `${newRows.toLocaleString('en')} new` : 'Follow'}
      </Button>
    </div>
  );
}
